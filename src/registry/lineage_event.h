// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// What a command read and wrote, in the words of OpenLineage 2-0-2 (https://openlineage.io/spec):
// run events of a job, with datasets that other systems know by the same names.
//
//   s3://bucket/a/b           namespace s3://bucket            name a/b
//   /farm/catalog/tiles       namespace file                   name /farm/catalog/tiles
//   postgres://db.host/trees  namespace postgres://db.host:5432  name trees.public.tiles
//
// Every dataset has the facet `dataSource`; what can be told apart by its content has `version`,
// what was written has its rows. A job has `jobType` and, where a query made it, `sql`.

namespace canopy {

struct LineageDataset {
  std::string ns, name;    ///< namespace and name, as OpenLineage has them
  std::string uri;         ///< of the dataSource: what one would open
  std::string version;     ///< an id or a SHA-256; empty: not known
  std::int64_t rows = -1;  ///< written; below 0: not known
};

/// From a path or an address; `table` is appended to those of databases. Passwords never pass.
LineageDataset lineage_dataset(const std::string& address, const std::string& table = "");

/// One run of one command.
struct LineageJob {
  std::string ns, name;  ///< "canopy", "train walnuts"
  std::string type;      ///< "INGEST", "DATASET", "TRAIN", "EVALUATION"
  std::string sql, sql_dialect;
  std::vector<LineageDataset> inputs;
  std::string run_id;  ///< a UUID (`new_uuid`)
};

/// A random UUID (RFC 9562, version 4).
std::string new_uuid();

/// "START", "COMPLETE", "FAIL" (with `error`) or "ABORT"; `time` as base/utc.h writes it.
nlohmann::ordered_json lineage_event(const LineageJob& job,
                                     const std::string& type,
                                     const std::string& time,
                                     const std::vector<LineageDataset>& outputs,
                                     const std::string& error = "");

}  // namespace canopy
