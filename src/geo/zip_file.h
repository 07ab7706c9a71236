// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace canopy {

/// A file inside an archive.
struct ZipMember {
  std::string name;  ///< with its folders: "Rx/zones.shp"
  std::string bytes;
};

/// Writes an archive through GDAL, atomically, and reads each member back. Members carry the time
/// of writing. Throws Environment when the disk is full or what is read differs.
void write_zip(const std::filesystem::path& path, const std::vector<ZipMember>& members);

/// What an archive holds, in its own order. Throws NotFound, or User for what is no archive.
std::vector<ZipMember> read_zip(const std::filesystem::path& path);

}  // namespace canopy
