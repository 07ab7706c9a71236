// SPDX-License-Identifier: Apache-2.0
#include "store/retry_policy.h"

#include <algorithm>
#include <thread>

#include "base/interrupt.h"

namespace canopy {

using std::chrono::milliseconds;

milliseconds RetryPolicy::delay(int failures, double uniform) const {
  milliseconds bound = base;
  for (int i = 1; i < failures && bound < cap; ++i) bound *= 2;
  bound = std::min(bound, cap);
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(bound.count()) * uniform));
}

bool is_transient(const HttpResponse& response, const std::string& s3_code) {
  if (response.failure != HttpFailure::None) return response.failure != HttpFailure::Hopeless;
  for (const int status : {408, 429, 500, 502, 503, 504})
    if (response.status == status) return true;
  for (const char* code : {"SlowDown",
                           "RequestTimeout",
                           "RequestLimitExceeded",
                           "Throttling",
                           "ThrottlingException",
                           "InternalError",
                           "ServiceUnavailable",
                           "OperationAborted",
                           "ConditionalRequestConflict"})
    if (s3_code == code) return true;
  return false;
}

bool pause_for(milliseconds time) {
  constexpr milliseconds kSlice{50};
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    if (interrupted() != 0) return false;
    const auto left =
        std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return true;
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

}  // namespace canopy
