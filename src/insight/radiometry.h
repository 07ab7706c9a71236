// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "geo/raster.h"

namespace canopy {

/// What a mosaic's samples do not allow to be said, a line each, for people: no near infrared,
/// 8-bit display numbers in place of reflectances, no scale, bands that are saturated. Looks at
/// nine windows. Empty: nothing is wrong.
std::vector<std::string> radiometry_notes(const Raster& ortho);

}  // namespace canopy
