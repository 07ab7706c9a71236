// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchard/survey.h"

// The grower's nouns as GeoJSON features (RFC 7946), appended to a text: a page of 10,000 crowns is
// some megabytes, too much to build as a tree of objects first. Property names are those of survey
// files.

namespace canopy {

/// A survey's point as it is to be written: itself, or reprojected.
using Placing = std::function<Point(const Point&)>;

class GeoJson {
 public:
  /// `decimals` of coordinates: 2 in metres (a centimetre), 8 in degrees (a millimetre).
  GeoJson(Placing placing, int decimals) : placing_(std::move(placing)), decimals_(decimals) {}

  void add(const Tree& tree);
  void add(const Gap& gap);
  void add(const Row& row);
  void add(const Block& block);

  /// {"type": "FeatureCollection", <members,> "features": [...]}. `members`: more JSON members with
  /// a trailing comma.
  std::string collection(const std::string& members) &&;

 private:
  void begin();
  void line(const std::vector<Point>& points, bool is_closed);
  void polygon(const Polygon& polygon);

  Placing placing_;
  int decimals_;
  std::string text_;
};

/// Appends a number with at most `decimals`, without trailing zeros; what is not finite is null.
void append_number(std::string& text, double value, int decimals);

}  // namespace canopy
