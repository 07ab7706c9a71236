// SPDX-License-Identifier: Apache-2.0
#include "geo/version.h"

#include <gdal.h>

namespace canopy {

std::string gdal_version() { return GDALVersionInfo("RELEASE_NAME"); }

}  // namespace canopy
