// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "store/example.h"

// Whether an example is one: what writing asks before it begins, and reading of what it has read.

namespace canopy {

inline constexpr int kMostEdge_px = 65536;
inline constexpr std::size_t kMostObjects = 65535;  ///< what a 16-bit id map can number

/// Pixels of a plane.
inline std::size_t pixels_of(const Example& e) {
  return static_cast<std::size_t>(e.height) * static_cast<std::size_t>(e.width);
}

/// Throws User, naming the feature, when sizes, names, counts or numbers of the example disagree.
void check_example(const Example& example);

}  // namespace canopy
