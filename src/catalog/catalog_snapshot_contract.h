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

/// The words of a refusal without the dataset's name, and the place that they point at: from there
/// to the end of its line, and whether it is the line of the query that is said.
struct Pointed {
  std::string words, line, at;
};
inline Pointed pointed(const std::string& refusal) {
  const std::size_t first = refusal.find('\n'), second = refusal.find('\n', first + 1);
  if (second == std::string::npos) return {.words = refusal, .line = {}, .at = {}};
  const std::string line = refusal.substr(first + 1, second - first - 1);
  const std::size_t caret = refusal.find('^', second) - second - 1;
  return {.words = refusal.substr(0, first),
          .line = line.substr(0, line.find(':')),
          .at = caret < line.size() ? line.substr(caret) : ""};
}

TEST_P(CatalogContract, what_is_wrong_in_a_condition_is_shown_in_its_own_text) {
  const Catalog catalog = sample();
  const auto refused = [&](const std::string& where) {
    return pointed(refusal_of_snapshot(catalog, {.where = where}));
  };
  const auto expect = [&](const std::string& where,
                          const std::string& words,
                          const std::string& line,
                          const std::string& at) {
    SCOPED_TRACE(where);
    const Pointed found = refused(where);
    EXPECT_THAT(found.words, testing::HasSubstr(words));
    EXPECT_EQ(found.line, line);
    EXPECT_EQ(found.at, at);
  };
  expect("crop = 'citrus' and", "the condition ends where more is expected", "LINE 1", "");
  expect("crop =", "the condition ends where more is expected", "LINE 1", "");
  expect("crop = 'citrus'\n  and gsd < 1", "gsd", "LINE 2", "gsd < 1");
  expect("crop = 'citrus' andd true", "syntax error", "LINE 1", "andd true");
  expect("a) or (true", "closes a bracket that it did not open", "LINE 1", ") or (true");
  expect(
      "true or (crop = 'x'\nand (true)", "opens a bracket that it does", "LINE 1", "(crop = 'x'");
  expect("tree_count > 'a'", "a", "LINE 1", "'a'");
  EXPECT_THAT(refused("crop = ')' -- )").words, testing::HasSubstr("none of the 16 rows"));
}

TEST_P(CatalogContract, an_unknown_column_to_keep_is_refused_with_the_nearest) {
  EXPECT_THAT(
      refusal_of_snapshot(sample(), {.columns = {"crop", "orchardd"}}),
      testing::StrEq("User: dataset 'set': columns: 'orchardd' is no column of examples; did you "
                     "mean 'orchard'?"));
}

}  // namespace canopy
