// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

#include "catalog/catalog_contract.h"
#include "catalog/score_part.h"

// What every catalog promises about scores, as catalog_contract.h does about tiles.

namespace canopy {

/// A run's scores.csv, of tile 1 of Alder, of its tile 0 by the older labels, and of a stranger.
inline std::filesystem::path score_list(const ScratchFolder& folder, const std::string& loss) {
  std::ofstream(folder.path() / "scores.csv")
      << "tile_id,step,loss,mask_iou_mean,mask_iou_std,difficulty,times_seen\n"
      << sample_row("2024-alder", "Alder", 1).tile_id << ",7," << loss << ",,,0.5,2\n"
      << sample_row("2024-alder", "Alder", 0).tile_id << ",9,,0.75,0.125,,0\n"
      << std::string(64, '0') << ",1,1,,,0.5,1\n";
  return folder.path() / "scores.csv";
}

TEST_P(CatalogContract, the_scores_of_a_run_are_entered_once) {
  const ScratchFolder scratch;
  Catalog catalog = sample();
  const std::string earlier = "2025-03-01T00:00:00Z", later = "2025-03-02T00:00:00Z";
  EXPECT_EQ(catalog.record_scores({score_list(scratch, "0.25"), "oak-1", later}), 2);
  EXPECT_EQ(catalog.record_scores({score_list(scratch, "0.75"), "oak-1", earlier}), 2)
      << "they are there";
  EXPECT_EQ(catalog.record_scores({score_list(scratch, "0.5"), "oak-0", earlier}), 2);
  EXPECT_EQ(number(catalog.query("SELECT count(*) FROM scores")), 4);
  const ResultTable table = catalog.query(
      "SELECT run_id, scored_at, step, loss, mask_iou_mean, mask_iou_std, difficulty, times_seen, "
      "label_revision FROM examples WHERE run_id IS NOT NULL ORDER BY step");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0],
              testing::ElementsAreArray({Cell("oak-1"),
                                         Cell(later),
                                         Cell(std::int64_t{7}),
                                         Cell(0.25),
                                         Cell(),
                                         Cell(),
                                         Cell(0.5),
                                         Cell(std::int64_t{2}),
                                         Cell(std::int64_t{1})}));
  EXPECT_THAT(table.rows[1],
              testing::ElementsAreArray({Cell("oak-1"),
                                         Cell(later),
                                         Cell(std::int64_t{9}),
                                         Cell(),
                                         Cell(0.75),
                                         Cell(0.125),
                                         Cell(),
                                         Cell(std::int64_t{0}),
                                         Cell(std::int64_t{2})}))
      << "a score is of the picture, whatever its labels";
}

TEST_P(CatalogContract, a_list_that_holds_no_scores_is_refused_by_name_and_changes_nothing) {
  const ScratchFolder scratch;
  Catalog catalog = sample();
  EXPECT_EQ(catalog.record_scores({score_list(scratch, "0.5"), "oak-1", ""}), 2);
  EXPECT_THAT(error_of([&] {
                catalog.record_scores({score_list(scratch, "high"), "oak-2", ""});
              }),
              testing::AllOf(testing::StartsWith("User: "), testing::HasSubstr("scores.csv")));
  std::ofstream(scratch.path() / "scores.csv") << "a,b\n1,2\n";
  EXPECT_THAT(error_of([&] {
                catalog.record_scores({scratch.path() / "scores.csv", "oak-1", ""});
              }),
              testing::HasSubstr("is no list of scores"));
  EXPECT_THAT(error_of([&] {
                catalog.record_scores({scratch.path() / "gone", "oak-1", ""});
              }),
              testing::StartsWith("NotFound: "));
  EXPECT_THAT(error_of([&] {
                catalog.record_scores({score_list(scratch, "1"), "../oak", ""});
              }),
              testing::HasSubstr("is no file name"));
  EXPECT_EQ(number(catalog.query("SELECT count(*) FROM scores")), 2);
}

TEST_P(CatalogContract, the_newest_score_of_a_tile_stands_beside_it) {
  const Catalog catalog = sample();
  const std::string key = sample_row("", "Alder", 1).tile_key;
  GetParam().score(key, "b-first", "2025-01-01T00:00:00Z", 0.9);
  GetParam().score(key, "a-second", "2025-02-01T00:00:00Z", 0.4);
  const ResultTable table =
      catalog.query("SELECT run_id, loss, difficulty FROM examples WHERE loss IS NOT NULL");
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_THAT(table.rows[0], testing::ElementsAre(Cell("a-second"), Cell(0.4), Cell()));
  EXPECT_EQ(number(catalog.query("SELECT count(*) FROM examples")), 15);
  EXPECT_EQ(number(catalog.query("SELECT count(*) FROM scores")), 2);
}

}  // namespace canopy
