// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// Addresses of databases as people write them into canopy.toml: postgres://user@host:5432/database
// (or postgresql://), each part optional. What is missing libpq fills in from the environment.

namespace canopy {

/// Whether it is an address that PostgresSession takes.
bool is_postgres_url(const std::string& url);

/// The address with any password in it shown as "***", for messages.
std::string without_password(const std::string& url);

/// Throws User when libpq cannot read the address, or when a password stands in it: canopy.toml is
/// shared and kept, so it comes from ~/.pgpass or PGPASSWORD.
void require_postgres_url(const std::string& url);

}  // namespace canopy
