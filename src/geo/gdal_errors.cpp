// SPDX-License-Identifier: Apache-2.0
#include "geo/gdal_errors.h"

#include <algorithm>
#include <mutex>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>

namespace canopy {
namespace {

constexpr GIntBig kCacheBytes = 256LL << 20;

void CPL_STDCALL collect(CPLErr level, CPLErrorNum, const char* message) {
  auto* errors = static_cast<GdalErrors*>(CPLGetErrorHandlerUserData());
  if (errors != nullptr && level >= CE_Warning) errors->add(level >= CE_Failure, message);
}

}  // namespace

void start_gdal() {
  static std::once_flag once;
  std::call_once(once, [] {
    CPLSetErrorHandler(CPLQuietErrorHandler);
    if (CPLGetConfigOption("GDAL_CACHEMAX", nullptr) == nullptr) GDALSetCacheMax64(kCacheBytes);
    GDALAllRegister();
  });
}

GdalErrors::GdalErrors() {
  start_gdal();
  CPLErrorReset();
  CPLPushErrorHandlerEx(collect, this);
}

GdalErrors::~GdalErrors() {
  CPLPopErrorHandler();
  CPLErrorReset();
}

void GdalErrors::add(bool is_failure, const char* message) {
  if (failed_) return;
  failed_ = is_failure;
  text_ = message;
  std::replace(text_.begin(), text_.end(), '\n', ' ');
}

}  // namespace canopy
