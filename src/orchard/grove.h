// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "geo/window.h"
#include "orchard/survey.h"
#include "orchard/synthetic_orchard.h"

// A grove is a small orchard drawn as text, so that a test of stitching, rows or missing trees can
// be read at a glance:
//
//   const Grove grove = plant(R"(
//       . . O . .
//       . o _ o .
//       . . x . . )", {.cell_m = 4});
//
// 'O' a large tree, 'o' a small one, 'x' a dead one (small), '_' a place whose tree is missing, '.'
// nothing. One character is one cell; blanks mean nothing; the first line is the north. Crowns are
// exact discs about the middle of their cell, so areas are known: pi r^2. Each line that holds a
// place is a planting row of block 1, numbered from the south-east corner like any survey: the last
// such line is row 1, and its easternmost place tree 1.

namespace canopy {

struct GroveOptions {
  double cell_m = 4;
  double gsd_m = 0.1;
  double large_radius_m = 0;  ///< 0: 0.45 of a cell. More than half a cell makes neighbours overlap
  double small_radius_m = 0;  ///< 0: 0.28 of a cell
  Point origin{500000, 6200000};  ///< of the south-west corner
  std::string crs = {};           ///< copied to the survey; lat and lng stay 0
};

class Grove {
 public:
  Grove(const std::string& drawing, const GroveOptions& options);

  const GroveOptions& options() const { return options_; }
  int width_px() const { return width_px_; }
  int height_px() const { return height_px_; }
  Window window() const { return {0, 0, width_px_, height_px_}; }
  Transform world_from_pixel() const;

  /// All that a perfect survey finds. Trees are numbered line by line from the top left, 1 and up.
  /// Where discs overlap the larger one owns the pixel, then the lower id; areas and outlines are
  /// those of the whole disc.
  const Survey& survey() const { return survey_; }
  const std::vector<Tree>& trees() const { return survey_.trees; }
  const std::vector<Gap>& gaps() const { return survey_.missing; }
  /// The tree whose cell is `column`, `line` of the drawing (0-based from the top left). Throws
  /// NotFound.
  const Tree& tree_at(int column, int line) const;

  /// Tree ids of a window, row-major, 0 ground and beyond the grove: what a perfect model answers.
  std::vector<std::uint32_t> id_map(const Window& window) const;
  std::vector<std::uint32_t> id_map() const { return id_map(window()); }
  /// A plain picture of a window: green discs, grey ones where dead, on brown soil, flat light,
  /// with surface heights.
  SyntheticTile tile(const Window& window) const;

 private:
  struct Disc {
    Point centre_px;
    double radius_px;
    std::uint32_t id;
    bool is_dead;
  };

  void plant_cells(const std::vector<std::string>& cells);
  void describe_block(double width_m, double height_m);

  GroveOptions options_;
  int columns_ = 0, lines_ = 0, width_px_ = 0, height_px_ = 0;
  std::vector<Disc> discs_;  ///< small ones first, so that larger ones paint over them
  std::size_t cell_at(int column, int line) const {
    return static_cast<std::size_t>(line) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(column);
  }
  std::vector<std::int64_t> id_at_cell_;
  Survey survey_;
};

/// Throws User for an empty drawing, lines of unequal length, an unknown character, or sizes that
/// are not positive.
Grove plant(const std::string& drawing, const GroveOptions& options = {});

}  // namespace canopy
