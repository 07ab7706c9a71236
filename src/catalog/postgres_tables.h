// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "catalog/postgres_session.h"

// The catalog's tables in a PostgreSQL database:
//
//   tiles      the columns of catalog/tile_columns.h; texts compare by their bytes, as in DuckDB
//              (COLLATE "C"); `meta` is JSON. PRIMARY KEY (ingest_id, tile_id)
//   scores     tile_key, run_id, scored_at, step, loss, ...: every score of every run
//   examples   a view: of each tile_key the row with the latest label revision (then the latest
//              ingest), and its newest score
//   ingests    one row per ingest: how many tiles, and a SHA-256 over its rows. It is the first
//              thing that an ingest's transaction writes: whoever commits the same waits for it
//   xor, bit_count   of BIGINT, which PostgreSQL lacks: bit_count(xor(a.phash, b.phash))
//
// What a query may do is what its role may do, and the role must not be a superuser: a superuser's
// SELECT reads the server's files, whatever the transaction. Where a role `canopy_reader` exists of
// which the connection's is a member, queries run as that.

namespace canopy {

/// Makes the tables, or brings them up to date: a column that this program has and the table has
/// not is added. Throws User for a role that may read the server's files, and what `migrate`
/// throws.
void make_catalog_tables(PostgresSession& session);

/// Begins a transaction that sees the rows of one moment, can change nothing, and runs as
/// `canopy_reader` where it can. It ends with the connection.
void begin_reading(PostgresSession& session);

/// The type of a column, out of its type in DuckDB.
std::string postgres_type(const std::string& name, const std::string& sql_type);

}  // namespace canopy
