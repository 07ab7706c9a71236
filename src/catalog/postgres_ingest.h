// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "catalog/catalog.h"
#include "catalog/postgres_session.h"
#include "catalog/rearrangement.h"

// An ingest as rows of a PostgreSQL catalog's tables `ingests` and `tiles`: one transaction each,
// the row in `ingests` first and then one COPY of the tiles. Two that enter the same ingest at once
// wait for each other, and the second finds it done. The rows of an ingest that is there are told
// by their SHA-256: over those of the rows, sorted, without `ingested_at`.

namespace canopy {

/// As Catalog::commit_part.
bool enter_ingest(PostgresSession& session,
                  const std::string& ingest_id,
                  const Catalog::RowSource& next);

/// For one at a time in a database, by a lock that the server takes back when the connection ends.
class PostgresRearrangement : public Rearrangement {
 public:
  /// Throws Conflict when another has it.
  explicit PostgresRearrangement(const std::string& url);

  /// Compares the rows that stand, one by one, and changes nothing where they are the same.
  void replace(const std::string& ingest_id, std::span<const TileRow> rows) override;
  Rearranged finish() override;
  std::vector<std::string> drop(const std::vector<std::string>& ingests) override;

 private:
  PostgresSession session_;
  std::vector<std::string> given_;
  Rearranged done_;
};

}  // namespace canopy
