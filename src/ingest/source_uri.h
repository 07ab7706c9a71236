// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace canopy {

/// How a file is named in rows and manifests, so that it is found again from anywhere: relative to
/// `home` (the workspace's root) where it lies below it, else absolute; an address ("s3://...",
/// "/vsi...") as it is. An empty `file` has no name; with an empty `home` nothing lies below it.
std::string source_uri(const std::filesystem::path& file, const std::filesystem::path& home);

}  // namespace canopy
