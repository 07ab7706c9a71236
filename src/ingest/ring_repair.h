// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "geo/polygon.h"

namespace canopy {

struct RepairedRing {
  Ring ring;
  bool is_changed = false;
};

/// A ring without crossings. Where two edges cross, the ring is two loops; the smaller one is cut
/// off, until none is left: a hand that slipped leaves a small loop. Nothing when what was cut off
/// adds up to more than a third of what is kept: then nobody can tell what was meant (a bow tie).
/// Repeated points are dropped. Quadratic in the number of points; shared end points are not
/// crossings.
std::optional<RepairedRing> without_crossings(const Ring& ring);

}  // namespace canopy
