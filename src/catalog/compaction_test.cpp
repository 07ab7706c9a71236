// SPDX-License-Identifier: Apache-2.0
#include "catalog/compaction.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/hash.h"
#include "catalog/catalog_fixture.h"
#include "catalog/merged_parts.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CompactionTest : public testing::Test {
 protected:
  std::string all_rows() const {
    return catalog_.query("SELECT * FROM tiles ORDER BY tile_id, ingest_id").csv();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const CatalogPart& part : catalog_.parts()) names.push_back(part.name);
    return names;
  }

  ScratchFolder scratch_;
  Catalog catalog_ = sample_catalog(scratch_.path() / "catalog");
};

TEST_F(CompactionTest, leaves_the_same_rows_in_one_part_whose_name_is_its_hash) {
  const std::string before = all_rows();
  const CompactReport report = compact(catalog_);
  EXPECT_EQ(report.parts_before, 4);
  EXPECT_EQ(report.parts_after, 1);
  EXPECT_THAT(report.merged, SizeIs(4));
  EXPECT_EQ(all_rows(), before);
  const CatalogPart part = catalog_.parts().at(0);
  EXPECT_EQ(part.name, "tiles/compacted+" + sha256_of_file(part.path).substr(0, 12) + ".parquet");
  EXPECT_THAT(compact(catalog_).made, IsEmpty());
}

TEST_F(CompactionTest, keeps_replaced_parts_for_a_while_and_hides_them_meanwhile) {
  const std::string before = all_rows();
  EXPECT_THAT(compact(catalog_).waiting, SizeIs(4));
  EXPECT_TRUE(fs::exists(catalog_.folder() / "tiles/2024-alder.parquet"));
  EXPECT_THAT(compact(catalog_, {.grace_s = 0}).deleted, SizeIs(4));
  EXPECT_FALSE(fs::exists(catalog_.folder() / "tiles/2024-alder.parquet"));
  EXPECT_EQ(all_rows(), before);
}

TEST_F(CompactionTest, an_ingest_that_was_merged_is_still_known) {
  compact(catalog_, {.grace_s = 0});
  const std::string before = all_rows();
  EXPECT_TRUE(catalog_.has_part("2024-birch"));
  EXPECT_FALSE(catalog_.commit_part("2024-birch", sample_ingest("2024-birch")));
  EXPECT_EQ(all_rows(), before);
  std::vector<TileRow> others = sample_ingest("2024-birch");
  others[0].tree_count = 999;
  EXPECT_THAT(error_of([&] { catalog_.commit_part("2024-birch", others); }),
              HasSubstr("Conflict: "));
}

TEST_F(CompactionTest, of_a_merged_part_and_new_ones_remembers_all_that_it_stands_for) {
  compact(catalog_, {.grace_s = 0});
  const std::vector<TileRow> oak{sample_row("oak", "Oak", 0)}, elm{sample_row("elm", "Elm", 0)};
  catalog_.commit_part("oak", oak);
  catalog_.commit_part("elm", elm);
  const std::string before = all_rows();
  compact(catalog_, {.grace_s = 0});
  EXPECT_THAT(names(), SizeIs(1));
  EXPECT_EQ(all_rows(), before);
  for (const char* ingest : {"2024-alder", "oak", "elm"}) EXPECT_TRUE(catalog_.has_part(ingest));
  EXPECT_FALSE(catalog_.has_part("ash"));
  EXPECT_THAT(replaced_by(catalog_.parts().at(0)), SizeIs(7));
}

TEST_F(CompactionTest, a_part_that_comes_back_under_a_replaced_name_does_not_count_twice) {
  const fs::path old = catalog_.folder() / "tiles/2024-alder.parquet";
  const std::string bytes = read_file(old), before = all_rows();
  compact(catalog_, {.grace_s = 0});
  write_file(old, bytes);
  EXPECT_EQ(all_rows(), before);
}

TEST_F(CompactionTest, large_parts_stay_and_a_single_small_one_does_too) {
  EXPECT_THAT(compact(catalog_, {.part_mb = 1}).made, SizeIs(1));
  EXPECT_THAT(compact(catalog_, {.part_mb = 1}).made, IsEmpty());
  EXPECT_THAT(error_of([&] { compact(catalog_, {.part_mb = 0}); }), HasSubstr("part-mb"));
  EXPECT_THAT(error_of([&] { compact(catalog_, {.grace_s = -1}); }), HasSubstr("grace-s"));
  EXPECT_THAT(error_of([&] { compact(catalog_, {.threads = -1}); }), HasSubstr("threads"));
  EXPECT_THAT(error_of([&] { compact(catalog_, {.memory_mb = -1}); }), HasSubstr("memory-mb"));
}

TEST_F(CompactionTest, two_at_once_are_one_too_many) {
  const CatalogLock lock(catalog_.folder());
  EXPECT_THAT(error_of([&] { compact(catalog_); }), HasSubstr("Conflict: "));
}

TEST_F(CompactionTest, merged_parts_that_hold_the_same_rows_are_refused) {
  const auto parts = catalog_.parts();
  merge_parts(catalog_, {parts[0], parts[1]}, {}, {});
  merge_parts(catalog_, {parts[1], parts[2]}, {}, {});
  EXPECT_THAT(error_of([&] { catalog_.parts(); }), HasSubstr("both hold the rows of"));
}

TEST_F(CompactionTest, a_merged_part_that_does_not_say_what_it_replaces_is_refused) {
  fs::copy(catalog_.folder() / "tiles/2024-alder.parquet",
           catalog_.folder() / "tiles/compacted+0123456789ab.parquet");
  EXPECT_THAT(error_of([&] { catalog_.parts(); }), HasSubstr("does not say what it replaces"));
}

TEST_F(CompactionTest, readers_beside_it_always_see_each_row_once) {
  std::atomic<bool> done{false};
  std::atomic<int> asked{0};
  std::thread reader([&] {
    while (!done) {
      const ResultTable table = catalog_.query(
          "SELECT count(*), count(DISTINCT (tile_id, ingest_id)) FROM tiles WHERE orchard <> "
          "'Oak'");
      EXPECT_THAT(table.rows[0], ElementsAre(Cell(std::int64_t{16}), Cell(std::int64_t{16})));
      ++asked;
    }
  });
  for (int i = 0; i < 6; ++i) {
    const std::string id = "oak-" + std::to_string(i);
    const std::vector<TileRow> rows{sample_row(id, "Oak", i)};
    catalog_.commit_part(id, rows);
    compact(catalog_, {.grace_s = 0});
  }
  done = true;
  reader.join();
  EXPECT_GT(asked, 0);
  EXPECT_EQ(catalog_.row_count(), 22);
}

}  // namespace
}  // namespace canopy
