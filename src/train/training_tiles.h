// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/order.h"

// Which tiles of a dataset a run learns from, and in which order it sees them.

namespace canopy {

/// Those of `split` whose labels say where trees are: masks, boxes or points.
std::vector<ExampleRef> labelled_tiles(const std::vector<ExampleRef>& refs,
                                       const std::string& split);

/// SHA-256 over the ids, in their order: whether a checkpoint is of the same tiles.
std::string sha256_of(const std::vector<ExampleRef>& refs);

/// Each tile once an epoch or, where their weights differ, drawn in proportion to them.
std::unique_ptr<Order> training_order(const std::vector<ExampleRef>& refs, std::int64_t seed);

}  // namespace canopy
