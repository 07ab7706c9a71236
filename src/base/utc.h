// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <string>

// The time as our records write it: UTC, ISO 8601, to the second. Libraries that record when
// something was made are handed the text; only what begins a piece of work asks for it.

namespace canopy {

/// "2026-11-02T08:30:00Z" of a time in seconds since 1970.
std::string utc_text(std::time_t time);

/// Now; or, where the environment sets SOURCE_DATE_EPOCH (seconds since 1970, as for reproducible
/// builds), that time, so that the same work can be made to give the same bytes. Throws User when
/// it is no number.
std::string utc_now();

}  // namespace canopy
