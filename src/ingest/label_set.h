// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "geo/polygon.h"
#include "geo/window.h"
#include "store/example.h"

// Labels on their way from a file to tiles, always in pixels of the whole picture: (0, 0) is the
// outer corner of its top left pixel, y grows downward.

namespace canopy {

/// Things that went wrong and were passed over: how many, and the first of them in words.
struct Complaints {
  static constexpr std::size_t kShown = 20;
  std::int64_t count = 0;
  std::vector<std::string> first;
  void add(std::string what) {
    ++count;
    if (first.size() < kShown) first.push_back(std::move(what));
  }
};

struct Bounds {
  double xmin = 0, ymin = 0, xmax = 0, ymax = 0;
};

/// One labelled tree, or, where `is_ignore`, a place that neither helps nor hurts.
struct Label {
  enum class Shape { Outline, Box, Point };
  Shape shape = Shape::Outline;
  std::vector<Polygon> parts;  ///< of an Outline: one tree, in one or more pieces
  Bounds box;                  ///< around the outline; for a Point both corners are the point
  ObjectClass label = ObjectClass::Tree;
  bool is_crowd = false, is_ignore = false;
  std::string name;  ///< for reports: "polygon 12"
};

/// What a file of labels says about one picture.
struct LabelSet {
  LabelKind kind = LabelKind::None;
  std::vector<Label> labels;
  Complaints skipped;
  std::int64_t read =
      0;  ///< labels in the file that are meant for the picture, ignore regions apart
  std::int64_t repaired =
      0;               ///< outlines that crossed themselves in a small loop, which was cut off
  std::string format;  ///< "GeoPackage", "COCO", ...
  std::string split;   ///< what the file says of the picture ("train"), or empty
  std::string sha256;  ///< of the file (of a Shapefile: of its parts)
};

/// What a reader of labels must know of the picture.
struct PictureFrame {
  std::string file_name;  ///< without folders
  std::int64_t width = 0, height = 0;
  std::string crs;  ///< empty: none
  Transform world_from_pixel;
};

Bounds bounds_of(const std::vector<Polygon>& parts);
double area_of(const std::vector<Polygon>& parts);
double area_of(const Bounds& box);
/// The part of an outline's area that lies in a window, exactly (Sutherland and Hodgman 1974; a
/// concave ring leaves edges along the border, which have no area).
double area_within(const std::vector<Polygon>& parts, const Window& window);
Bounds intersection(const Bounds& box, const Window& window);
bool meets(const Bounds& box, const Window& window);

}  // namespace canopy
