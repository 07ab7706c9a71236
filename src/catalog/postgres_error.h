// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"

// What PostgreSQL says of a failure, in our words: who has to act, and what to do. Its own words
// are kept, for they point at the place in the query; its codes (SQLSTATE, five characters, its
// manual's appendix A) decide.

struct pg_conn;
struct pg_result;

namespace canopy {

/// The server's words without their label, on as many lines as point into the query, or on one.
std::string words_of(const char* text);
std::string on_one_line(const char* text);

/// Whether the answer says that the connection is gone: what libpq says by itself has no code of
/// the server's, and the codes 57P are those of a server that is going down.
bool says_goodbye(const pg_result* result);

/// The failure of a statement: `result` may be null, where nothing came back. `name` is the
/// database's, for messages.
Error error_of_postgres(const std::string& name,
                        const pg_conn* connection,
                        const pg_result* result);

}  // namespace canopy
