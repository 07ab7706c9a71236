// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

// The 4-connected parts of a label map, by runs: memory grows with the runs, not with the pixels.

namespace canopy {

/// Pixels [begin, end) of one row with one id.
struct LabelRun {
  int row = 0, begin = 0, end = 0;
  std::uint32_t id = 0;
  bool is_largest = false;  ///< belongs to the part of its id with most pixels (of equal ones the
                            ///< first, row by row)
};

/// The runs of all ids but 0, row by row.
std::vector<LabelRun> label_runs(const std::vector<std::uint32_t>& id_map, int width, int height);

}  // namespace canopy
