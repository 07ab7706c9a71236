// SPDX-License-Identifier: Apache-2.0
#include "nn/safetensors.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

struct SafetensorsFile : testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("canopy_safetensors_" + std::to_string(::getpid()));
  std::filesystem::path path = folder / "file.safetensors";
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string& header, const std::string& data = "") {
    const std::uint64_t length = header.size();
    write_file(path, std::string(reinterpret_cast<const char*>(&length), 8) + header + data);
  }
  /// What is said of the file; empty when it loads.
  std::string refusal() {
    try {
      load_safetensors(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << error.what();
      return error.what();
    }
    return "";
  }
};

Safetensors some_content() {
  Safetensors content;
  content.metadata = {{"format", "test"}, {"text", "a \"quoted\"\nline"}};
  content.tensors = {{"a.weight", at::arange(12, at::kFloat).view({3, 4})},
                     {"b", at::tensor({1, 2, 3}, at::kByte)},
                     {"c.empty", at::zeros({0, 5}, at::kLong)},
                     {"d.scalar", at::scalar_tensor(2.5, at::kDouble)},
                     {"e.turned", at::arange(6, at::kInt).view({2, 3}).t()},
                     {"f.half", at::ones({3}, at::kBFloat16)}};
  return content;
}

TEST_F(SafetensorsFile, what_was_saved_is_loaded) {
  const Safetensors content = some_content();
  save_safetensors(path, content);
  const Safetensors loaded = load_safetensors(path);
  EXPECT_EQ(loaded.metadata, content.metadata);
  ASSERT_EQ(loaded.tensors.size(), content.tensors.size());
  for (const auto& [name, tensor] : content.tensors) {
    EXPECT_EQ(loaded.tensors.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(loaded.tensors.at(name), tensor)) << name;
  }
}

TEST_F(SafetensorsFile, the_same_content_gives_the_same_bytes) {
  save_safetensors(path, some_content());
  const std::string bytes = read_file(path);
  save_safetensors(path, load_safetensors(path));
  EXPECT_EQ(read_file(path), bytes);
}

TEST_F(SafetensorsFile, tensors_outlive_the_file_and_writing_to_them_leaves_it_alone) {
  save_safetensors(path, some_content());
  const std::string bytes = read_file(path);
  at::Tensor tensor;
  {
    Safetensors loaded = load_safetensors(path);
    tensor = loaded.tensors.at("a.weight");
  }
  tensor.fill_(7);
  EXPECT_EQ(read_file(path), bytes);
  std::filesystem::remove(path);
  EXPECT_EQ(tensor.sum().item<double>(), 84);
}

TEST_F(SafetensorsFile, a_missing_file_is_not_found) {
  try {
    load_safetensors(folder / "none");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::NotFound);
  }
}

TEST_F(SafetensorsFile, each_defect_is_named) {
  const auto expect = [&](const std::string& part) {
    EXPECT_NE(refusal().find(part), std::string::npos) << refusal();
  };
  write_file(path, "abc");
  expect("not a safetensors file");
  write_file(path, std::string(8, '\xff') + "{}");
  expect("its header says");
  write("[1, 2]");
  expect("not a JSON object");
  write("{\"a\": ");
  expect("not a JSON object");
  write(R"({"a": 3})");
  expect("tensor 'a' is not described by an object");
  write(R"({"a": {"shape": [1], "data_offsets": [0, 4]}})", "1234");
  expect("tensor 'a' has no dtype");
  write(R"({"a": {"dtype": 4, "shape": [1], "data_offsets": [0, 4]}})", "1234");
  expect("dtype that is no text");
  write(R"({"a": {"dtype": "F31", "shape": [1], "data_offsets": [0, 4]}})", "1234");
  expect("unknown dtype \"F31\"");
  write(R"({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}})", "1234");
  expect("shape that is no list of sizes");
  write(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}})", "1234");
  expect("no two data_offsets");
  write(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}})", "1234");
  expect("needs 8 bytes");
  write(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}})", "1234");
  expect("needs 4 bytes");
  write(
      R"({"a": {"dtype": "F32", "shape": [4294967296, 4294967296, 4294967296], "data_offsets": [0, 4]}})",
      "1234");
  expect("too large");
  write(R"({"a": {"dtype": "F32", "shape": [0, 18446744073709551615], "data_offsets": [0, 0]}})");
  expect("too large");
  write(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", "1234");
  expect("cut short: tensor 'a'");
  write(
      R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}})",
      "123456");
  expect("tensor 'b' overlaps");
  write(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})", "12345678");
  expect("leaves a gap");
  write(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})", "12345");
  expect("belong to no tensor");
  write(R"({"__metadata__": 1})");
  expect("__metadata__ is not an object");
  write(R"({"__metadata__": {"a": 1}})");
  expect("metadata 'a' is not text");
}

TEST_F(SafetensorsFile, a_tensor_that_lies_askew_is_read) {
  const float value = 1.5f;
  std::string data = "x";
  data.append(reinterpret_cast<const char*>(&value), 4);
  write(
      R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [1, 5]}})",
      data);
  EXPECT_EQ(load_safetensors(path).tensors.at("b").item<float>(), 1.5f);
}

TEST_F(SafetensorsFile, damaged_headers_are_refused_or_read_but_never_crash) {
  save_safetensors(path, some_content());
  const std::string whole = read_file(path);
  std::uint64_t length = 0;
  std::memcpy(&length, whole.data(), 8);
  Random random(5);
  int refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = whole;
    for (std::int64_t hits = 1 + random.below(4); hits > 0; --hits)
      bytes[random.below(static_cast<std::int64_t>(8 + length))] =
          static_cast<char>(random.below(256));
    if (random.chance(0.2)) bytes.resize(random.below(static_cast<std::int64_t>(bytes.size())));
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      for (const auto& [name, tensor] : load_safetensors(path).tensors) (void)tensor.sum();
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.fault(), Fault::User);
    }
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace canopy
