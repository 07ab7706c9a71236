// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "store/http_client.h"

// When a request is sent again, and how long we wait before: exponential backoff with full jitter
// (each wait is uniform between 0 and a bound that doubles), so that a thousand clients that failed
// together do not come back together.

namespace canopy {

struct RetryPolicy {
  int attempts = 10;       ///< of one request, the first one included
  int first_attempts = 4;  ///< until anything has answered: a wrong address is told soon
  std::chrono::milliseconds base{100};    ///< bound of the first wait
  std::chrono::milliseconds cap{20'000};  ///< no bound is higher; ten attempts wait 45 s at most

  /// The wait after `failures` failures (1 and up), for a `uniform` number in [0, 1).
  std::chrono::milliseconds delay(int failures, double uniform) const;
};

/// Whether the same request may do better later: no answer (but for hopeless ones), 408, 429, 500,
/// 502, 503, 504, or an error of S3 that asks for it (`s3_code`: SlowDown, RequestTimeout,
/// InternalError, OperationAborted and their like).
bool is_transient(const HttpResponse& response, const std::string& s3_code);

/// Waits, unless the user asks the program to stop (base/interrupt.h): then false, at once.
bool pause_for(std::chrono::milliseconds time);

}  // namespace canopy
