// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"

// S3's refusals in words for the person who has to act: which thing, which answer, what to do.

namespace canopy {

struct S3Reply;

/// What the reply does not say.
struct S3Circumstances {
  std::string what;  ///< full address of what was asked for
  std::string bucket, region, server;
  std::string origin;  ///< of the credentials
};

/// NotFound for a missing key or bucket; User for a wrong region; Environment for everything else.
Error s3_error(const S3Reply& reply, const S3Circumstances& at);

}  // namespace canopy
