// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace canopy {

/// A file or folder that came with the program: "web", "weights/efficientnet_lite0.safetensors",
/// "neon", "models/trees.safetensors". It lies in $CANOPY_SHARE, or in ../share/canopy beside the
/// program. Throws Environment, saying how to get it, when it is missing.
std::filesystem::path shared_file(const std::string& name);

/// The model that comes with the program (docs/model.md), for `shared_file`.
inline constexpr const char* kBundledModel = "models/trees.safetensors";

}  // namespace canopy
