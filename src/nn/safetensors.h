// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <ATen/core/Tensor.h>

// The safetensors format (Hugging Face, version 0.x): 8 bytes little-endian header length, a JSON
// header, raw data. No code is ever executed on reading. Files are mapped, not copied; tensors keep
// the mapping alive.

namespace canopy {

struct Safetensors {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;  ///< "__metadata__": free text by key
};

/// Throws NotFound, or User naming the file and what is wrong with it (offsets, shapes, dtypes,
/// overlaps).
Safetensors load_safetensors(const std::filesystem::path& path);

/// Atomic and durable; tensors are written in the order of names, so the same content gives the
/// same bytes.
void save_safetensors(const std::filesystem::path& path, const Safetensors& content);

}  // namespace canopy
