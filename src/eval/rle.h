// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

// Masks as COCO stores them: the lengths of runs, column by column, zeros first. Small (a crown of
// 40 px diameter is some 80 numbers), exact, and two of them intersect in one pass over their runs.

namespace canopy {

/// A box in COCO's manner: the corner nearest the origin and the extent, in pixels.
struct CocoBox {
  double x = 0, y = 0, width = 0, height = 0;
};

struct Rle {
  int height = 0, width = 0;
  std::vector<std::uint32_t> counts;  ///< zeros, ones, zeros, ...; the first may be 0
};

/// Of a row-major mask; every value but 0 is inside. Throws User when the size is not height *
/// width.
Rle rle_of_mask(std::span<const std::uint8_t> row_major, int height, int width);

/// Of a row-major patch whose top left pixel is (x, y) of a picture of height * width; what lies
/// outside is cut off.
Rle rle_of_patch(std::span<const std::uint8_t> row_major,
                 int patch_height,
                 int patch_width,
                 int x,
                 int y,
                 int height,
                 int width);

/// The masks of objects 1 to `count` of a row-major id map, in one pass; ids above `count` are
/// background.
std::vector<Rle> rles_of_id_map(std::span<const std::int32_t> row_major,
                                int height,
                                int width,
                                int count);

/// The mask again: row-major, 0 or 1.
std::vector<std::uint8_t> mask_of(const Rle& rle);

std::int64_t area_px(const Rle& rle);
/// The tightest box, as pycocotools' toBbox; all zero for an empty mask.
CocoBox box_of(const Rle& rle);
/// Pixels that both hold. Both must be of one size: throws User otherwise.
std::int64_t intersection_px(const Rle& a, const Rle& b);
/// The mask of the pixels that at least one holds. Throws User as above.
Rle union_of(const Rle& a, const Rle& b);

/// COCO's compressed text of the runs: differences in base 48, low digits first.
std::string compressed_counts(const Rle& rle);
/// Throws User when the text is cut off or its runs do not fill height * width.
Rle rle_from_compressed(const std::string& counts, int height, int width);
/// Of the plain list of runs. Throws User when they do not fill height * width.
Rle rle_from_counts(std::span<const std::int64_t> counts, int height, int width);

}  // namespace canopy
