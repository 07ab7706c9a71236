// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ingest/label_set.h"

// Labels of any format for one picture: reads them (label_formats.h), judges each, and names those
// that it skips:
//
//  - coordinates that are no numbers, no area, outside the picture, an unknown class;
//  - an outline that crosses itself is mended where it can be (ring_repair.h);
//  - a picture has one kind of labels, that of the most of them. Outlines among boxes become boxes;
//    boxes among outlines, and points among either, cannot say where their tree ends.
//
// A tree that is skipped although it has a place becomes an ignore region, so that nothing learns
// that there is no tree.

namespace canopy {

struct LabelOptions {
  std::string layer;            ///< of a file with several; empty: the first
  std::string class_attribute;  ///< of a vector file; empty: class, label, status, dead, ...
  std::vector<std::string> tree_names;  ///< further class names that mean a living tree
};

/// By the file's extension (.gpkg .geojson .json .shp .zip .csv .xml; a .json may be GeoJSON or
/// COCO). Throws NotFound, or User with the file and the remedy: an unknown extension, not what the
/// extension says, another picture, no labels, or none within the picture.
LabelSet read_labels(const std::filesystem::path& path,
                     const PictureFrame& picture,
                     const LabelOptions& options = {});

}  // namespace canopy
