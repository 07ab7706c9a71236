// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace canopy {

/// Of the GDAL that runs, "3.6.2".
std::string gdal_version();

}  // namespace canopy
