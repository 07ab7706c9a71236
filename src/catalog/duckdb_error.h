// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/error.h"

namespace canopy {

/// What DuckDB says of a failure (`words`, which may be null), as catalog/query_place.h has it:
/// its words on one line, the place under them. Of too little memory, which it explains by settings
/// that nobody can make here, in ours: the limit (0: none was given), and what to do.
Error error_of_duckdb(Fault fault, const char* words, std::int64_t memory_mb);

}  // namespace canopy
