// SPDX-License-Identifier: Apache-2.0
#include "ingest/catalog_rebuild.h"

#include <gmock/gmock.h>

#include "catalog/compaction.h"
#include "ingest/stored_fixture.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class CatalogRebuildTest : public StoredTest {
 protected:
  void SetUp() override {
    StoredTest::SetUp();
    alder_ = ingest_tiles("alder", 1, 3);
    birch_ = ingest_tiles("birch", 2, 2);
    before_ = all_rows();
  }
  RebuildReport rebuild(const RebuildOptions& options = {}) {
    return rebuild_catalog(*store_, *catalog_, options);
  }
  fs::path part(const std::string& id) const {
    return folder_ / "catalog/tiles" / (id + ".parquet");
  }

  std::vector<TileRow> alder_, birch_;
  std::string before_;
};

TEST_F(CatalogRebuildTest, gives_every_row_again_from_the_store_alone) {
  fs::remove(part("alder"));
  fs::remove(part("birch"));
  const RebuildReport report = rebuild();
  EXPECT_EQ(report.ingests, 2);
  EXPECT_EQ(report.rows, 5);
  EXPECT_EQ(report.parts_changed, 2);
  EXPECT_EQ(report.problems.count, 0);
  EXPECT_EQ(all_rows(), before_);
}

TEST_F(CatalogRebuildTest, of_a_whole_catalog_changes_no_byte) {
  const std::string bytes = read_file(part("alder"));
  EXPECT_EQ(rebuild().parts_changed, 0);
  EXPECT_EQ(read_file(part("alder")), bytes);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "catalog"), fs::directory_iterator()),
            2);
}

TEST_F(CatalogRebuildTest, replaces_damaged_parts_and_merged_ones) {
  flip_bit(part("alder"), 0);
  rebuild();
  EXPECT_EQ(all_rows(), before_);
  for (const double grace_s : {3600.0, 0.0}) {
    compact(*catalog_, {.grace_s = grace_s});
    EXPECT_EQ(rebuild().problems.count, 0);
    EXPECT_EQ(all_rows(), before_);
    EXPECT_EQ(catalog_->parts().size(), 2u);
  }
}

TEST_F(CatalogRebuildTest, names_missing_and_damaged_examples_and_leaves_their_rows_out) {
  fs::remove(blob(alder_[0].uri));
  flip_bit(blob(birch_[1].uri));
  const RebuildReport report = rebuild();
  EXPECT_EQ(report.rows, 3);
  EXPECT_THAT(report.problems.first,
              testing::UnorderedElementsAre(HasSubstr(alder_[0].uri + ": is missing"),
                                            HasSubstr(birch_[1].uri)));
  EXPECT_EQ(catalog_->row_count(), 3);
}

TEST_F(CatalogRebuildTest, in_haste_asks_for_sizes_alone) {
  flip_bit(blob(birch_[1].uri));
  EXPECT_EQ(rebuild({.quick = true}).problems.count, 0);
  write_file(blob(birch_[0].uri), "short");
  EXPECT_THAT(rebuild({.quick = true}).problems.first, ElementsAre(HasSubstr("has 5 bytes")));
}

TEST_F(CatalogRebuildTest, an_ingest_without_a_good_manifest_keeps_its_rows_and_is_named) {
  flip_bit(blob("ingests/birch.json"), 0.9);
  RebuildReport report = rebuild();
  EXPECT_EQ(report.ingests_kept, 1);
  EXPECT_THAT(report.problems.first,
              ElementsAre(HasSubstr("ingests/birch.json"), HasSubstr("is kept as it was")));
  EXPECT_EQ(all_rows(), before_);
  compact(*catalog_, {.grace_s = 0});
  report = rebuild();
  EXPECT_EQ(report.ingests_kept, 1);
  EXPECT_EQ(all_rows(), before_);
}

TEST_F(CatalogRebuildTest, puts_a_merged_part_that_cannot_be_read_aside) {
  compact(*catalog_, {.grace_s = 0});
  const fs::path merged = catalog_->parts().at(0).path;
  flip_bit(merged, 1);
  const RebuildReport report = rebuild();
  EXPECT_THAT(report.problems.first, ElementsAre(HasSubstr("cannot be read")));
  EXPECT_TRUE(fs::exists(folder_ / "catalog/damaged" / merged.filename()));
  EXPECT_EQ(all_rows(), before_);
}

TEST_F(CatalogRebuildTest, counts_the_examples_of_killed_ingests) {
  ingest_tiles("cedar", 3, 4, 1, true);
  EXPECT_EQ(rebuild().examples_unclaimed, 4);
  EXPECT_EQ(all_rows(), before_);
}

TEST_F(CatalogRebuildTest, waits_for_nobody_and_takes_no_odd_options) {
  EXPECT_THROW(rebuild({.threads = -1}), Error);
  const CatalogLock lock(catalog_->folder());
  EXPECT_THROW(rebuild(), Error);
}

}  // namespace
}  // namespace canopy
