// SPDX-License-Identifier: Apache-2.0
#include "nn/onnx_trace.h"

#include <functional>
#include <memory>

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include "base/error.h"

namespace canopy {

/// One operation that runs now: its inputs, and the values that those had before it.
struct OnnxTrace::Call : at::ObserverContext {
  std::string name;
  std::vector<c10::IValue> inputs;
  std::vector<std::string> values;  // empty where the input is no watched tensor
  bool is_outermost = false;
};

namespace {

OnnxTrace* listening = nullptr;
int open_calls = 0;

std::vector<std::int64_t> pair_of(const c10::IValue& value) {
  std::vector<std::int64_t> pair = value.toIntVector();
  if (pair.size() == 1) pair.push_back(pair[0]);
  return pair;
}

/// begin_rows, begin_columns, end_rows, end_columns.
std::vector<std::int64_t> pads_of(const c10::IValue& value) {
  const std::vector<std::int64_t> pair = pair_of(value);
  return {pair[0], pair[1], pair[0], pair[1]};
}

/// How one operation is written: graph, call, its inputs' values, the shape of what comes out.
using Translate = std::function<std::string(OnnxGraph& graph,
                                            const std::vector<c10::IValue>& in,
                                            const std::vector<std::string>& values,
                                            at::IntArrayRef shape)>;

std::string convolution(OnnxGraph& graph,
                        const std::vector<c10::IValue>& in,
                        const std::vector<std::string>& values,
                        at::IntArrayRef) {
  std::vector<std::string> inputs = {values[0], graph.constant(in[1].toTensor())};
  if (in[2].isTensor() && in[2].toTensor().defined())
    inputs.push_back(graph.constant(in[2].toTensor()));
  return graph.node("Conv",
                    inputs,
                    {{"strides", pair_of(in[3])},
                     {"pads", pads_of(in[4])},
                     {"dilations", pair_of(in[5])},
                     {"group", in[6].toInt()}});
}

std::string maximum_pooling(OnnxGraph& graph,
                            const std::vector<c10::IValue>& in,
                            const std::vector<std::string>& values,
                            at::IntArrayRef) {
  const bool own_stride = !in[2].toIntVector().empty();
  return graph.node("MaxPool",
                    {values[0]},
                    {{"kernel_shape", pair_of(in[1])},
                     {"strides", pair_of(own_stride ? in[2] : in[1])},
                     {"pads", pads_of(in[3])}});
}

std::string nearest_upsampling(OnnxGraph& graph,
                               const std::vector<c10::IValue>&,
                               const std::vector<std::string>& values,
                               at::IntArrayRef shape) {
  return graph.node("Resize",
                    {values[0], "", "", graph.constant(shape.vec())},
                    {{"mode", std::string("nearest")},
                     {"coordinate_transformation_mode", std::string("asymmetric")},
                     {"nearest_mode", std::string("floor")}});
}

std::string addition(OnnxGraph& graph,
                     const std::vector<c10::IValue>& in,
                     const std::vector<std::string>& values,
                     at::IntArrayRef) {
  return graph.node("Add",
                    {values[0], values[1].empty() ? graph.constant(in[1].toTensor()) : values[1]});
}

std::string same(OnnxGraph&,
                 const std::vector<c10::IValue>&,
                 const std::vector<std::string>& values,
                 at::IntArrayRef) {
  return values[0];
}

const std::map<std::string, Translate>& translations() {
  static const auto relu = [](OnnxGraph& graph, const auto&, const auto& values, at::IntArrayRef) {
    return graph.node("Relu", {values[0]});
  };
  static const auto limited =
      [](OnnxGraph& graph, const auto& in, const auto& values, at::IntArrayRef) {
        return graph.node("Clip",
                          {values[0],
                           graph.constant(in[1].toScalar().toDouble()),
                           graph.constant(in[2].toScalar().toDouble())});
      };
  static const std::map<std::string, Translate> all = {
      {"aten::conv2d", convolution},
      {"aten::relu_", relu},
      {"aten::relu", relu},
      {"aten::hardtanh_", limited},
      {"aten::add_", addition},
      {"aten::add", addition},
      {"aten::max_pool2d", maximum_pooling},
      {"aten::upsample_nearest2d", nearest_upsampling},
      {"aten::contiguous", same}};
  return all;
}

}  // namespace

/// What LibTorch calls.
struct TraceListener {
  static std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
    if (!listening) return nullptr;
    auto call = std::make_unique<OnnxTrace::Call>();
    bool touches = false;
    for (const c10::IValue& input : function.inputs()) {
      call->inputs.push_back(input);
      call->values.emplace_back();
      if (!input.isTensor()) continue;
      const auto found = listening->watched_.find(input.toTensor().unsafeGetTensorImpl());
      if (found == listening->watched_.end()) continue;
      call->values.back() = found->second.value;
      touches = true;
    }
    if (!touches && open_calls == 0) return nullptr;
    call->name = function.name();
    call->is_outermost = open_calls++ == 0;
    return call;
  }

  static void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
    if (!context || !listening) return;
    --open_calls;
    const auto& call = *static_cast<OnnxTrace::Call*>(context);
    if (!call.is_outermost) return;
    std::vector<at::Tensor> outputs;
    for (const c10::IValue& output : function.outputs())
      if (output.isTensor()) outputs.push_back(output.toTensor());
    listening->finish(call, outputs);
  }
};

OnnxTrace::OnnxTrace(OnnxGraph& graph) : graph_(graph) {
  check(!listening, "one trace at a time");
  listening = this;
  open_calls = 0;
  handle_ = at::addThreadLocalCallback(
      at::RecordFunctionCallback(TraceListener::on_start, TraceListener::on_end)
          .needsInputs(true)
          .needsOutputs(true)
          .scopes({at::RecordScope::FUNCTION}));
}

OnnxTrace::~OnnxTrace() {
  at::removeCallback(handle_);
  listening = nullptr;
}

void OnnxTrace::watch(const at::Tensor& tensor, const std::string& value) {
  watched_[tensor.unsafeGetTensorImpl()] = {tensor, value};
}

const std::string& OnnxTrace::value_of(const at::Tensor& tensor) const {
  const auto found = watched_.find(tensor.unsafeGetTensorImpl());
  if (found == watched_.end())
    throw Error(Fault::Bug,
                "a tensor did not come of the graph's input" +
                    (unknown_.empty() ? "" : "; operations without translation:" + unknown_));
  return found->second.value;
}

void OnnxTrace::finish(const Call& call, const std::vector<at::Tensor>& outputs) {
  if (outputs.size() != 1) return;
  const auto known = translations().find(call.name);
  if (known == translations().end()) {
    unknown_ += " " + call.name;
    watched_.erase(outputs[0].unsafeGetTensorImpl());
    return;
  }
  watch(outputs[0], known->second(graph_, call.inputs, call.values, outputs[0].sizes()));
}

}  // namespace canopy
