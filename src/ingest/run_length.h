// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "geo/polygon.h"

// Run-length masks as COCO writes them: lengths of runs of 0 and 1 in turn, down the columns, from
// the left; plain as a list, compressed as text (six bits a character from '0', each run but the
// first three less the run two before it: pycocotools' rleToString).

namespace canopy {

/// The runs in a compressed text. Throws User for text that is none.
std::vector<std::int64_t> runs_from_text(const std::string& text);

/// The mask's pieces (4-connected) as outlines along pixel edges, holes kept, in pixels. Throws
/// User unless the runs fill width x height exactly.
std::vector<Polygon> outlines_of_runs(const std::vector<std::int64_t>& runs, int width, int height);

}  // namespace canopy
