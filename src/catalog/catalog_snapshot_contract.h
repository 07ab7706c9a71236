// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "catalog/catalog_contract.h"
#include "catalog/snapshot.h"

// What every catalog promises to whoever makes a dataset of it, as catalog_contract.h does about
// tiles.

namespace canopy {

/// Why the dataset that `options` ask for is not made; nothing may be left of it.
inline std::string refusal_of_snapshot(const Catalog& catalog, SnapshotOptions options) {
  const ScratchFolder scratch;
  options.name = "set";
  const std::string words =
      error_of([&] { create_snapshot(catalog, options, scratch.path() / "datasets"); });
  EXPECT_TRUE(!std::filesystem::exists(scratch.path() / "datasets") ||
              std::filesystem::is_empty(scratch.path() / "datasets"))
      << "something is left behind";
  return words;
}

TEST_P(CatalogContract, a_dataset_whose_query_runs_for_ever_ends_at_its_limit) {
  const Catalog catalog = sample();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(
      refusal_of_snapshot(
          catalog,
          {.sql = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT (n + 1) % 1000 FROM r)\n"
                  "SELECT CAST(n AS VARCHAR) AS tile_id FROM r",
           .timeout_s = 0.5}),
      testing::AllOf(testing::HasSubstr("User: dataset 'set': the query was stopped at its limit"),
                     testing::HasSubstr("0.5 s"),
                     testing::HasSubstr("timeout-s")));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_THAT(refusal_of_snapshot(catalog, {.timeout_s = -1}), testing::HasSubstr("timeout-s"));
}

}  // namespace canopy
