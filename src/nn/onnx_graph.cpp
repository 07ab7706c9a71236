// SPDX-License-Identifier: Apache-2.0
#include "nn/onnx_graph.h"

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/protobuf.h"

namespace canopy {
namespace {

/// TensorProto.DataType.
int type_number(at::ScalarType type) {
  check(type == at::kFloat || type == at::kLong, "an ONNX value is float32 or int64");
  return type == at::kFloat ? 1 : 7;
}

std::string attribute_message(const std::string& name, const OnnxGraph::Attribute& value) {
  std::string message;
  put_bytes(message, 1, name);
  int type = 0;  // AttributeProto.AttributeType
  if (const auto* number = std::get_if<float>(&value)) {
    put_float(message, 2, *number);
    type = 1;
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    put_integer(message, 3, *integer);
    type = 2;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    put_bytes(message, 4, *text);
    type = 3;
  } else {
    for (const std::int64_t one : std::get<std::vector<std::int64_t>>(value))
      put_integer(message, 8, one);
    type = 7;
  }
  put_integer(message, 20, type);
  return message;
}

}  // namespace

std::string OnnxGraph::value_info(unsigned field, const Port& port) {
  std::string shape;
  for (const auto& extent : port.shape) {
    std::string dimension;
    if (const auto* size = std::get_if<std::int64_t>(&extent))
      put_integer(dimension, 1, *size);
    else
      put_bytes(dimension, 2, std::get<std::string>(extent));
    put_bytes(shape, 1, dimension);
  }
  std::string tensor, type, info, out;
  put_integer(tensor, 1, type_number(port.type));
  put_bytes(tensor, 2, shape);
  put_bytes(type, 1, tensor);
  put_bytes(info, 1, port.name);
  put_bytes(info, 2, type);
  put_bytes(out, field, info);
  return out;
}

void OnnxGraph::output(const std::string& value, const Port& port) {
  add_node("Identity", {value}, {port.name}, {});
  outputs_ += value_info(12, port);
}

std::string OnnxGraph::constant(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().contiguous();
  std::string name = "c" + std::to_string(values_++);
  std::string message;
  for (const std::int64_t extent : plain.sizes()) put_integer(message, 1, extent);
  put_integer(message, 2, type_number(plain.scalar_type()));
  put_bytes(message, 8, name);
  put_bytes(message, 9, {static_cast<const char*>(plain.const_data_ptr()), plain.nbytes()});
  put_bytes(initializers_, 5, message);
  return name;
}

std::string OnnxGraph::constant(const std::vector<std::int64_t>& numbers) {
  return constant(at::tensor(numbers, at::kLong));
}

std::string OnnxGraph::constant(double number) {
  return constant(at::scalar_tensor(number, at::kFloat));
}

std::string OnnxGraph::node(const std::string& operation,
                            const std::vector<std::string>& inputs,
                            const Attributes& attributes) {
  return node_of_many(operation, inputs, 1, attributes).front();
}

std::vector<std::string> OnnxGraph::node_of_many(const std::string& operation,
                                                 const std::vector<std::string>& inputs,
                                                 std::size_t outputs,
                                                 const Attributes& attributes) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs; ++i) names.push_back("v" + std::to_string(values_++));
  add_node(operation, inputs, names, attributes);
  return names;
}

void OnnxGraph::add_node(const std::string& operation,
                         const std::vector<std::string>& inputs,
                         const std::vector<std::string>& outputs,
                         const Attributes& attributes) {
  std::string message;
  for (const std::string& name : inputs) put_bytes(message, 1, name);
  for (const std::string& name : outputs) put_bytes(message, 2, name);
  put_bytes(message, 4, operation);
  for (const auto& [name, value] : attributes)
    put_bytes(message, 5, attribute_message(name, value));
  put_bytes(nodes_, 1, message);
}

std::string OnnxGraph::model(const std::string& name,
                             const std::map<std::string, std::string>& metadata) const {
  std::string graph = nodes_, opset, bytes;
  put_bytes(graph, 2, name);
  graph += initializers_ + inputs_ + outputs_;
  put_integer(opset, 2, kOpset);
  put_integer(bytes, 1, kIrVersion);
  put_bytes(bytes, 2, "canopy");
  put_bytes(bytes, 7, graph);
  put_bytes(bytes, 8, opset);
  for (const auto& [key, value] : metadata) {
    std::string entry;
    put_bytes(entry, 1, key);
    put_bytes(entry, 2, value);
    put_bytes(bytes, 14, entry);
  }
  return bytes;
}

}  // namespace canopy
