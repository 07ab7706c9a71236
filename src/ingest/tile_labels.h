// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "ingest/label_set.h"
#include "ingest/tile_grid.h"

// The labels of one tile out of those of the picture.
//
// A crown that the tile's edge cuts keeps its visible part. When less than a quarter of it is
// visible it becomes an ignore region: a sliver is no picture of a tree, and the whole tree stands
// in a neighbouring tile. Pixels without data belong to nobody.

namespace canopy {

/// A crown is labelled in a tile that shows at least this share of its area.
inline constexpr double kLeastVisible = 0.25;

/// Finds the labels near a window: a grid of square cells, each with the labels whose bounds touch
/// it. Refers to the labels; safe to share between threads.
class LabelIndex {
 public:
  LabelIndex(const std::vector<Label>& labels,
             std::int64_t width,
             std::int64_t height,
             int cell_px);
  /// In ascending order, those whose bounds meet the window.
  std::vector<std::size_t> near(const Window& window) const;
  const Label& label(std::size_t index) const { return labels_[index]; }

 private:
  /// The cells that a box covers: first and last column, first and last row.
  struct Cells {
    std::int64_t x0, x1, y0, y1;
  };
  Cells cells_of(const Bounds& box) const;

  const std::vector<Label>& labels_;
  int cell_px_;
  std::int64_t columns_, rows_;
  std::vector<std::vector<std::uint32_t>> cells_;
};

struct LabelsOfTile {
  std::vector<LabelledObject> objects;
  std::vector<std::uint16_t> id_map;  ///< only of masks
  std::vector<bool> ignore;           ///< empty: nowhere
  std::vector<std::size_t> label_of;  ///< by object: its index among the picture's labels
  bool cut_by_edge = false;           ///< whether the tile's edge cuts one of the objects
};

/// In pixels of the tile. `valid`: grid.height * grid.width, 0 without data.
LabelsOfTile labels_of_tile(const LabelIndex& index,
                            LabelKind kind,
                            const TileGrid& grid,
                            const std::vector<std::uint8_t>& valid);

}  // namespace canopy
