// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "geo/polygon.h"

// The grower's nouns. Everything upstream works to fill these, everything downstream (files, map,
// prescriptions) reads nothing else. Positions are in the survey's own projected CRS, in metres, x
// east and y north; lat and lng are WGS 84. Field names of files are those of the Aerobotics
// tree-survey API (docs/formats.md, "Survey folder"): `survey_files` writes them.
//
// Numbering, as in that API, starts at the south-east corner of each block. `row_frame` gives the
// two directions in which the numbers grow: across the rows for row_index, along them for
// tree_index; both lead away from the south-east. So with rows that run east-west row 1 is the
// southernmost and its tree 1 the easternmost; with rows that run north-south row 1 is the
// easternmost and its tree 1 the southernmost. Where a direction is exactly neutral (rows at 45 or
// 135 degrees) it leads north. Gaps are counted: a tree keeps its number when its neighbour dies.
// Rows are numbered without holes.

namespace canopy {

enum class TreeStatus { Alive, Dead, Missing };
const char* name_of(TreeStatus status);

/// How a tree does compared with its block.
enum class HealthClass { Unknown, Poor, Fair, Good };
const char* name_of(HealthClass health);

/// One tree, or one place where a tree should stand (`Missing`: no crown, no measures).
struct Tree {
  std::int64_t id = 0;  ///< its value in labels.tif; unique in the survey, 1 and up
  Point position;       ///< of the crown's centre
  double lat = 0, lng = 0;
  TreeStatus status = TreeStatus::Alive;
  double area_m2 = 0, perimeter_m = 0;
  double height_m = 0, volume_m3 = 0;  ///< 0 where no surface model was given
  double ndvi = 0, ndre = 0;           ///< means inside the crown; NaN where a band is missing
  double score = 0;                    ///< the model's confidence, 0 to 1
  double health = 0;  ///< 0 to 1, relative to the block; NaN where it cannot be told
  HealthClass health_class = HealthClass::Unknown;
  int block = 0;                      ///< 1 and up; 0: in none
  int row_index = 0, tree_index = 0;  ///< from the south-east corner, 1 and up; 0: in no row
  Polygon crown;
};

/// One line of trees in planting order.
struct Row {
  int block = 0, row_index = 0;
  std::vector<Point> line;             ///< through its trees and gaps
  std::vector<std::int64_t> tree_ids;  ///< standing trees, in order
};

/// A place of the planting pattern that no tree holds.
struct Gap {
  Point position;
  int block = 0, row_index = 0, tree_index = 0;
  double confidence = 0;  ///< 0 to 1
};

/// A part of the orchard with one planting pattern.
struct Block {
  int block = 0;
  std::string pattern;  ///< "rectangular", "square", "quincunx", "contour", "hedge" or "none"
  double row_spacing_m = 0, tree_spacing_m = 0;
  double row_angle_deg = 0;  ///< of the rows, counter-clockwise from east, [0, 180)
  Polygon outline;
  std::string name = {};  ///< the grower's, where the boundary gave one
};

/// Unit vectors in which the numbers of a block grow (see above), from the angle of its rows.
struct RowFrame {
  Point along;   ///< tree_index grows
  Point across;  ///< row_index grows
};
RowFrame row_frame(double row_angle_deg);

/// All that is known of one orchard on one day.
struct Survey {
  std::string survey_id, model_id, crs_wkt, captured_on;
  double gsd_m = 0;
  std::vector<Tree> trees;  ///< standing ones, alive or dead, by id
  std::vector<Gap> missing;
  std::vector<Row> rows;
  std::vector<Block> blocks;
  double hectares = 0, canopy_cover = 0;  ///< canopy_cover: crown area over block area, 0 to 1
};

}  // namespace canopy
