// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ingest/label_set.h"

// One reader per format of labels, each in its own file. They read what is there, in pixels of the
// picture, and judge nothing: label_reader.h does that for all of them. A label that cannot even be
// read carries its `problem` in words, so that it can be named and skipped.
//
// In formats that name pictures, the one wanted is that of the same file name or, failing that, of
// the same name but for the extension. When the file names other pictures only, it throws User.
// Coordinates of boxes are edges, not pixel numbers: xmax - xmin is the width.

namespace canopy {

struct RawLabel {
  Label::Shape shape = Label::Shape::Outline;
  std::vector<Polygon> parts;
  Bounds box;
  std::string class_word;
  bool is_dead_flag = false;  ///< class_word is the value of an attribute named `dead`
  bool is_crowd = false, is_ignore = false;
  bool is_exact = false;  ///< an outline along pixel edges, which cannot cross itself
  std::string name, problem;
};

struct RawLabels {
  std::vector<RawLabel> labels;
  std::string format, split;
};

/// GeoPackage, GeoJSON, Shapefile: polygons and points, reprojected to the picture's CRS. The class
/// is the attribute `class_attribute` or, when that is empty, the first of class, label, status,
/// dead, category, type that the layer has.
RawLabels read_vector_labels(const std::filesystem::path& path,
                             const std::string& layer,
                             const std::string& class_attribute,
                             const PictureFrame& picture);

/// COCO: polygons (of several parts), run lengths (plain and compressed) and boxes; also
/// `ignore_regions`: [{"image_id", "polygon": [x, y, ...]}], and `split` of the picture.
RawLabels read_coco_labels(const std::filesystem::path& path, const PictureFrame& picture);

/// CSV with a header line: boxes as DeepForest has them (image_path, xmin, ymin, xmax, ymax,
/// label), or points (image, x, y, and perhaps label).
RawLabels read_csv_labels(const std::filesystem::path& path, const PictureFrame& picture);

/// Pascal VOC: the boxes of one picture, whatever name it gives that picture.
RawLabels read_voc_labels(const std::filesystem::path& path, const PictureFrame& picture);

/// The index of the picture among names of files, or -1: the rule above.
int find_picture(const std::vector<std::string>& names, const PictureFrame& picture);
/// Throws User: "a.json: does not know the picture farm.tif; it is about x.tif, y.tif ...".
[[noreturn]] void refuse_unknown_picture(const std::filesystem::path& path,
                                         const std::vector<std::string>& names,
                                         const PictureFrame& picture);
/// Throws User unless the file means a picture of the same size; 0 x 0: it does not say.
void require_same_size(const std::filesystem::path& path,
                       std::int64_t width,
                       std::int64_t height,
                       const PictureFrame& picture);

}  // namespace canopy
