// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// What stands in the two files of a COCO evaluation, entry by entry and not yet put together:
//
//   truth    {"images": [{"id", "width", "height"}, ...], "categories": [{"id"}, ...],
//             "annotations": [{"id", "image_id", "category_id", "area", "iscrowd", "bbox",
//             "segmentation"}, ...]}
//   results  [{"image_id", "category_id", "score", "bbox", "segmentation"}, ...]
//
// Other fields are passed over, null counts as absent, and of a field that stands twice the last
// counts. A segmentation is a list of outlines [[x0, y0, x1, y1, ...], ...] or run lengths {"size":
// [height, width], "counts": [...] or compressed text}. Files are read token by token, so that
// nothing is held but the entries.

namespace canopy {

/// A mask as it is written.
struct CocoShape {
  enum class Form { None, Outlines, Runs, Text };
  Form form = Form::None;
  std::vector<std::vector<double>> outlines;
  std::vector<std::int64_t> size, runs;
  std::string text;
};

/// One entry of any of the lists.
struct CocoEntry {
  std::optional<std::int64_t> id, image_id, category_id, width, height;
  std::optional<double> area, score;
  bool is_crowd = false;
  std::vector<double> box;
  CocoShape shape;
};

struct CocoTruth {
  std::vector<CocoEntry> images, categories, annotations;
};

/// How much of it: Boxes passes over the segmentations of truth, and over those of results when the
/// first of these has a box.
enum class CocoFields { Boxes, Masks };

/// Both throw User, naming file and entry, for what is not JSON, is no COCO file of that kind, or
/// has a value of another type; NotFound for a file that is not there.
CocoTruth read_coco_truth(const std::filesystem::path& path, CocoFields fields);
std::vector<CocoEntry> read_coco_results(const std::filesystem::path& path, CocoFields fields);

}  // namespace canopy
