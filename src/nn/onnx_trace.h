// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "nn/onnx_graph.h"

// What a function of tensors does, as nodes of a graph: the function is run once, LibTorch tells of
// each operation (at::RecordFunction), and those that touch a watched tensor become nodes. Whatever
// else they take, such as weights, becomes a constant as it is at that moment, so what is computed
// from weights alone is folded. It knows the operations of the backbones and the pyramid:
// convolution, ReLU, ReLU6, addition, maximum pooling, nearest upsampling.

namespace canopy {

/// Listens on this thread from construction to destruction; one at a time.
class OnnxTrace {
 public:
  explicit OnnxTrace(OnnxGraph& graph);
  ~OnnxTrace();
  OnnxTrace(const OnnxTrace&) = delete;
  OnnxTrace& operator=(const OnnxTrace&) = delete;

  /// The tensor is this value of the graph.
  void watch(const at::Tensor& tensor, const std::string& value);
  /// The value that a tensor has come to be. Throws Bug when it is none, naming the operations that
  /// are not known.
  const std::string& value_of(const at::Tensor& tensor) const;

  struct Call;

 private:
  friend struct TraceListener;
  void finish(const Call& call, const std::vector<at::Tensor>& outputs);

  struct Watched {
    at::Tensor tensor;  // kept, so that no other comes to lie at its address
    std::string value;
  };
  OnnxGraph& graph_;
  std::map<const void*, Watched> watched_;
  std::string unknown_;
  std::uint64_t handle_ = 0;
};

}  // namespace canopy
