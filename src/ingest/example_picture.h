// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "store/example.h"

// An example as picture files that other programs open.

namespace canopy {

/// Writes the planes as `stem`.png (red, green and blue of 8 bits) or `stem`.tif (everything else,
/// with band names and place). Returns the path.
std::filesystem::path write_example_picture(const Example& example,
                                            const std::filesystem::path& stem);

/// Writes the map of ids as `stem`.tif, uint16.
std::filesystem::path write_id_map(const Example& example, const std::filesystem::path& stem);

/// COCO's uncompressed run lengths of the pixels for which `is_inside[i]` (row by row) is true:
/// down the columns, beginning with those outside.
std::vector<std::int64_t> column_runs(const std::vector<bool>& is_inside, int width, int height);

}  // namespace canopy
