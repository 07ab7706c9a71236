// SPDX-License-Identifier: Apache-2.0
#include "nn/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kLengthBytes = 8;

struct Dtype {
  const char* name;
  at::ScalarType type;
};
constexpr std::array<Dtype, 10> kDtypes = {{{"F64", at::kDouble},
                                            {"F32", at::kFloat},
                                            {"F16", at::kHalf},
                                            {"BF16", at::kBFloat16},
                                            {"I64", at::kLong},
                                            {"I32", at::kInt},
                                            {"I16", at::kShort},
                                            {"I8", at::kChar},
                                            {"U8", at::kByte},
                                            {"BOOL", at::kBool}}};

/// A file in memory, private to this process: writes to it stay here.
struct Mapping {
  std::shared_ptr<char> bytes;
  std::uint64_t size = 0;
};

Mapping map_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) throw Error(Fault::NotFound, path.string() + ": no such file");
  if (file < 0) throw_errno(path.string());
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    ::close(file);
    throw_errno(path.string());
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || size < kLengthBytes) {
    ::close(file);
    throw Error(
        Fault::User,
        path.string() + ": not a safetensors file (it has " + std::to_string(size) + " bytes)");
  }
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  ::close(file);
  if (memory == MAP_FAILED) throw_errno(path.string());
  return {std::shared_ptr<char>(static_cast<char*>(memory), [size](char* p) { ::munmap(p, size); }),
          size};
}

/// One tensor as the header describes it.
struct Entry {
  at::ScalarType type;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

bool is_size(const json& value) { return value.is_number_unsigned(); }

/// Throws a text that says what is wrong.
Entry read_entry(const json& description) {
  if (!description.is_object()) throw std::string("is not described by an object");
  const auto field = [&](const char* name) -> const json& {
    const auto found = description.find(name);
    if (found == description.end()) throw std::string("has no ") + name;
    return *found;
  };
  const json &dtype = field("dtype"), &shape = field("shape"), &offsets = field("data_offsets");
  if (!dtype.is_string()) throw std::string("has a dtype that is no text");
  const auto known =
      std::find_if(kDtypes.begin(), kDtypes.end(), [&](const Dtype& d) { return dtype == d.name; });
  if (known == kDtypes.end()) throw "has the unknown dtype " + dtype.dump();
  if (!offsets.is_array() || offsets.size() != 2 || !is_size(offsets[0]) || !is_size(offsets[1]))
    throw std::string("has no two data_offsets");
  if (!shape.is_array() || !std::all_of(shape.begin(), shape.end(), is_size))
    throw std::string("has a shape that is no list of sizes");
  Entry entry{known->type, {}, offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>()};
  std::uint64_t bytes = c10::elementSize(entry.type);
  for (const json& extent : shape) {
    if (__builtin_mul_overflow(bytes, extent.get<std::uint64_t>(), &bytes) || bytes > INT64_MAX)
      throw std::string("is too large");
    entry.shape.push_back(extent.get<std::int64_t>());
  }
  if (std::any_of(
          entry.shape.begin(), entry.shape.end(), [](std::int64_t extent) { return extent < 0; }))
    throw std::string("is too large");
  if (entry.end < entry.begin || entry.end - entry.begin != bytes)
    throw "needs " + std::to_string(bytes) + " bytes, but its data_offsets are " + offsets.dump();
  return entry;
}

at::Tensor tensor_at(const Mapping& mapping, std::uint64_t data, const Entry& entry) {
  char* bytes = mapping.bytes.get() + data + entry.begin;
  const at::Tensor tensor = at::from_blob(
      bytes, entry.shape, [keep = mapping.bytes](void*) {}, at::TensorOptions(entry.type));
  if (reinterpret_cast<std::uintptr_t>(bytes) % c10::elementSize(entry.type) == 0) return tensor;
  at::Tensor aligned = at::empty(entry.shape, entry.type);
  std::memcpy(aligned.mutable_data_ptr(), bytes, entry.end - entry.begin);
  return aligned;
}

json read_header(const Mapping& mapping, const std::string& name, std::uint64_t& data) {
  std::uint64_t length = 0;
  std::memcpy(&length, mapping.bytes.get(), kLengthBytes);
  require(length <= kLongestHeader && length <= mapping.size - kLengthBytes, [&] {
    return name + ": not a safetensors file, or cut short: its header says " +
           std::to_string(length) + " bytes, the file has " + std::to_string(mapping.size);
  });
  data = kLengthBytes + length;
  const char* begin = mapping.bytes.get() + kLengthBytes;
  json header = json::parse(begin, begin + length, nullptr, false);
  require(header.is_object(),
          [&] { return name + ": not a safetensors file: its header is not a JSON object"; });
  return header;
}

}  // namespace

Safetensors load_safetensors(const std::filesystem::path& path) {
  const Mapping mapping = map_file(path);
  const std::string name = path.string();
  std::uint64_t data = 0;
  const json header = read_header(mapping, name, data);
  Safetensors content;
  std::vector<std::pair<std::string, Entry>> entries;
  for (const auto& [key, value] : header.items()) {
    if (key != "__metadata__") {
      try {
        entries.emplace_back(key, read_entry(value));
      } catch (const std::string& wrong) {
        throw Error(Fault::User, name + ": tensor '" + key + "' " + wrong);
      }
      continue;
    }
    require(value.is_object(), [&] { return name + ": __metadata__ is not an object"; });
    for (const auto& [word, text] : value.items()) {
      require(text.is_string(), [&] { return name + ": metadata '" + word + "' is not text"; });
      content.metadata[word] = text.get<std::string>();
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.begin, a.second.end) < std::pair(b.second.begin, b.second.end);
  });
  std::uint64_t end = 0;
  for (const auto& [key, entry] : entries) {
    require(entry.begin == end, [&] {
      return name + ": tensor '" + key + "' overlaps another, or leaves a gap before it";
    });
    end = entry.end;
    require(end <= mapping.size - data,
            [&] { return name + ": cut short: tensor '" + key + "' lies beyond its end"; });
    content.tensors[key] = tensor_at(mapping, data, entry);
  }
  require(end == mapping.size - data,
          [&] { return name + ": bytes at its end belong to no tensor"; });
  return content;
}

void save_safetensors(const std::filesystem::path& path, const Safetensors& content) {
  json header = json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    const auto known = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const Dtype& d) {
      return d.type == tensor.scalar_type();
    });
    check(known != kDtypes.end(), "safetensors has no such dtype");
    check(name != "__metadata__", "a tensor cannot be called __metadata__");
    header[name] = {{"dtype", known->name},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + tensor.nbytes()}}};
    offset += tensor.nbytes();
  }
  std::string text = header.dump();
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), kLengthBytes);
  bytes.reserve(kLengthBytes + length + offset);
  bytes += text;
  for (const auto& [name, tensor] : content.tensors) {
    const at::Tensor plain = tensor.detach().cpu().contiguous();
    if (plain.nbytes() > 0)
      bytes.append(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
  }
  write_file(path, bytes);
}

}  // namespace canopy
