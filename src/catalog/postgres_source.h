// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/catalog_engine.h"
#include "catalog/postgres_session.h"

namespace canopy {

/// The rows that a PostgreSQL database holds at one moment, for a dataset:
///
///  1. the server answers the user's query, and looks up what the query lacks and a dataset needs;
///  2. its rows arrive by COPY, in binary form, and are a table function of DuckDB's;
///  3. DuckDB makes the dataset out of them as it does out of parts: splits, weights, order, file.
///
/// So the same rows give the same bytes as from parts, and nothing is ever held whole.
class PostgresSource : public SnapshotSource {
 public:
  PostgresSource(const std::string& url,
                 const SnapshotOptions& options,
                 const SnapshotPlace& place);

  nlohmann::ordered_json engine() const override;
  std::vector<ResultTable::Column> check_select(const std::string& query) override;
  std::string write(const std::string& query,
                    const std::vector<ResultTable::Column>& columns) override;
  /// Of each ingest: `uri` ("tiles/<ingest>"), `rows`, and the SHA-256 over them.
  nlohmann::ordered_json parts() const override { return parts_; }
  std::int64_t row_count() override;

 private:
  const SnapshotOptions& options_;
  SnapshotPlace place_;
  PostgresSession session_;
  nlohmann::ordered_json parts_ = nlohmann::ordered_json::array();
};

}  // namespace canopy
