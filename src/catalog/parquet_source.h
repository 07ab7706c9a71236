// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/catalog_engine.h"
#include "catalog/duckdb_session.h"

namespace canopy {

/// The parts that a folder holds at one moment. The engine is locked down to them and to the file
/// that is written.
class ParquetSource : public SnapshotSource {
 public:
  ParquetSource(const std::vector<CatalogPart>& tiles,
                const std::vector<CatalogPart>& scores,
                const SnapshotOptions& options,
                const SnapshotPlace& place);

  nlohmann::ordered_json engine() const override;
  std::vector<ResultTable::Column> check_select(const std::string& query) override;
  std::string write(const std::string& query,
                    const std::vector<ResultTable::Column>& columns) override;
  nlohmann::ordered_json parts() const override;
  std::vector<std::string> from_datasets() const override { return from_datasets_; }
  bool is_whole() const override;
  std::int64_t row_count() override;

 private:
  const SnapshotOptions& options_;
  std::vector<CatalogPart> parts_;
  std::vector<std::string> from_datasets_;
  DuckdbSession session_;
  std::filesystem::path file_;  ///< the one that may be written
};

}  // namespace canopy
