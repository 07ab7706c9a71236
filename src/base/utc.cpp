// SPDX-License-Identifier: Apache-2.0
#include "base/utc.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace canopy {

std::string utc_text(std::time_t time) {
  std::tm parts = {};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string utc_now() {
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  if (!given) return utc_text(std::time(nullptr));
  std::int64_t seconds = 0;
  const char* end = given + std::strlen(given);
  const auto [stop, error] = std::from_chars(given, end, seconds);
  require(error == std::errc() && stop == end && given != end, [&] {
    return std::string("SOURCE_DATE_EPOCH: '") + given +
           "' is no number of seconds since 1970; unset it to record the time of day";
  });
  return utc_text(static_cast<std::time_t>(seconds));
}

}  // namespace canopy
