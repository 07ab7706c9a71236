// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>

// A graph of the Open Neural Network Exchange, built node by node and written as its protobuf
// (onnx.proto3 of onnx/onnx, ModelProto). Values go by name; a node's outputs get new ones.

namespace canopy {

class OnnxGraph {
 public:
  static constexpr std::int64_t kOpset = 17, kIrVersion = 8;

  using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;
  using Attributes = std::map<std::string, Attribute>;

  /// float32 or int64; empty extents of `shape` vary and are named.
  struct Port {
    std::string name;
    at::ScalarType type = at::kFloat;
    std::vector<std::variant<std::int64_t, std::string>> shape;
  };
  void input(const Port& port) { inputs_ += value_info(11, port); }
  /// `value` becomes the graph's output `port.name`.
  void output(const std::string& value, const Port& port);

  /// A tensor of float32 or int64 as a value.
  std::string constant(const at::Tensor& tensor);
  std::string constant(const std::vector<std::int64_t>& numbers);
  std::string constant(double number);

  /// The first output of a new node.
  std::string node(const std::string& operation,
                   const std::vector<std::string>& inputs,
                   const Attributes& attributes = {});
  std::vector<std::string> node_of_many(const std::string& operation,
                                        const std::vector<std::string>& inputs,
                                        std::size_t outputs,
                                        const Attributes& attributes = {});

  /// The file's bytes.
  std::string model(const std::string& name,
                    const std::map<std::string, std::string>& metadata) const;

 private:
  static std::string value_info(unsigned field, const Port& port);
  void add_node(const std::string& operation,
                const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs,
                const Attributes& attributes);

  std::string nodes_, initializers_, inputs_, outputs_;
  std::int64_t values_ = 0;
};

}  // namespace canopy
