// SPDX-License-Identifier: Apache-2.0
#include "ingest/garbage.h"

#include <gmock/gmock.h>

#include "base/error_for_test.h"
#include "catalog/compaction.h"
#include "catalog/snapshot.h"
#include "ingest/running_mark.h"
#include "ingest/stored_fixture.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Picture 1 under two revisions, the first of them out of date; picture 2 under one.
class GarbageTest : public StoredTest {
 protected:
  void SetUp() override {
    StoredTest::SetUp();
    old_ = ingest_tiles("old", 1, 3, 1);
    new_ = ingest_tiles("new", 1, 3, 2);
    birch_ = ingest_tiles("birch", 2, 2);
  }
  Garbage collect(const GarbageOptions& options = {}, const std::vector<std::string>& runs = {}) {
    return collect_garbage(*store_, *catalog_, folder_ / "datasets", runs, options);
  }
  Snapshot dataset(const std::string& sql) {
    return create_snapshot(
               *catalog_, {.name = "set", .sql = sql, .split = "train=100"}, folder_ / "datasets")
        .snapshot;
  }
  bool is_there(const std::vector<TileRow>& rows) const {
    for (const TileRow& row : rows)
      if (store_->size(row.uri) < 0) return false;
    return true;
  }

  std::vector<TileRow> old_, new_, birch_;
};

TEST_F(GarbageTest, is_told_and_not_removed_unless_asked) {
  const Garbage garbage = collect({.grace_hours = 0});
  EXPECT_THAT(garbage.ingests, ElementsAre("old"));
  EXPECT_THAT(garbage.examples, SizeIs(3));
  EXPECT_EQ(garbage.ingests_kept, 2);
  EXPECT_FALSE(garbage.is_removed);
  EXPECT_TRUE(is_there(old_));
  EXPECT_EQ(catalog_->row_count(), 8);
}

TEST_F(GarbageTest, goes_whole_and_nothing_else_does) {
  const std::string latest = catalog_->query("FROM examples ORDER BY tile_id").csv();
  EXPECT_TRUE(collect({.remove = true, .grace_hours = 0}).is_removed);
  EXPECT_LT(store_->size(old_[0].uri), 0);
  EXPECT_LT(store_->size("ingests/old.json"), 0);
  EXPECT_TRUE(is_there(new_) && is_there(birch_));
  EXPECT_EQ(catalog_->row_count(), 5);
  EXPECT_EQ(catalog_->query("FROM examples ORDER BY tile_id").csv(), latest);
  EXPECT_THAT(collect({.remove = true}).examples, IsEmpty());
}

TEST_F(GarbageTest, leaves_merged_parts_too_and_may_come_again) {
  for (const double grace_s : {0.0, 3600.0}) {
    compact(*catalog_, {.grace_s = grace_s});
    collect({.remove = true});
    EXPECT_EQ(catalog_->row_count(), 5);
    EXPECT_FALSE(catalog_->has_part("old"));
    ingest_tiles("old", 1, 3, 1);
    EXPECT_EQ(catalog_->row_count(), 8);
  }
}

TEST_F(GarbageTest, does_not_hold_what_a_dataset_holds) {
  const Snapshot set = dataset("SELECT tile_id FROM tiles WHERE ingest_id = 'old'");
  EXPECT_THAT(collect({.remove = true}).examples, IsEmpty());
  EXPECT_TRUE(is_there(old_));
  fs::remove_all(set.folder);
  EXPECT_THAT(error_of([&] { collect({.remove = true}, {set.id}); }),
              HasSubstr("Conflict: a run was trained on dataset " + set.id));
  EXPECT_TRUE(is_there(old_));
  EXPECT_THAT(collect({.remove = true, .grace_hours = 0, .ignore_missing_datasets = true}, {set.id})
                  .examples,
              SizeIs(3));
}

TEST_F(GarbageTest, goes_by_its_rows_first_and_by_its_files_after_their_grace) {
  const Garbage first = collect({.remove = true});
  EXPECT_EQ(first.examples_waiting, 3);
  EXPECT_EQ(catalog_->row_count(), 5);
  EXPECT_TRUE(is_there(old_));
  // A dataset that had read the rows before, and is there only now.
  const Snapshot late =
      dataset("SELECT '" + old_[0].tile_id + "' AS tile_id, '" + old_[0].uri + "' AS uri, " +
              std::to_string(old_[0].bytes) + " AS bytes, 'box' AS label_kind, 'train' AS split");
  EXPECT_THAT(collect({.remove = true, .grace_hours = 0}).examples, SizeIs(2));
  EXPECT_GT(store_->size(old_[0].uri), 0);
}

TEST_F(GarbageTest, of_a_killed_ingest_waits_for_its_grace) {
  const auto killed = ingest_tiles("cedar", 3, 4, 1, true);
  Garbage garbage = collect({.remove = true});
  EXPECT_EQ(garbage.examples_waiting, 4 + 3);  // and those of `old`, whose rows went
  EXPECT_TRUE(is_there(killed));
  EXPECT_THAT(collect({.remove = true, .grace_hours = 0}).examples, SizeIs(4 + 3));
  EXPECT_FALSE(is_there(killed));
  EXPECT_THAT(error_of([&] { collect({.grace_hours = -1}); }), HasSubstr("grace-hours"));
}

TEST_F(GarbageTest, is_left_alone_while_an_ingest_works_and_the_other_way_round) {
  {
    const RunningMark ingest(*store_, "ingest-cedar");
    EXPECT_THAT(error_of([&] { collect({.remove = true}); }),
                HasSubstr("running/ingest-cedar.json: an ingest is at work"));
    EXPECT_THAT(collect().ingests, ElementsAre("old"));
  }
  {
    const RunningMark collector(*store_, "gc");
    EXPECT_THAT(error_of([&] { require_no_collector(*store_); }), HasSubstr("Conflict: "));
    EXPECT_THAT(error_of([&] { collect({.remove = true}); }), HasSubstr("Conflict: "));
  }
  collect({.remove = true});
  EXPECT_THAT(running_in(*store_, ""), IsEmpty());
}

TEST_F(GarbageTest, a_mark_that_is_a_day_old_is_of_a_process_that_died) {
  const std::string mark = R"({"since": "2020-01-01T00:00:00Z", "seconds": 1577836800})";
  store_->put_if_absent("running/ingest-cedar.json",
                        {reinterpret_cast<const std::uint8_t*>(mark.data()), mark.size()});
  EXPECT_TRUE(collect({.remove = true}).is_removed);
}

TEST_F(GarbageTest, a_damaged_manifest_stops_the_collector_before_it_removes) {
  flip_bit(blob("ingests/birch.json"), 0.9);
  EXPECT_THAT(error_of([&] { collect({.remove = true}); }), HasSubstr("ingests/birch.json"));
  EXPECT_TRUE(is_there(old_));
}

TEST_F(GarbageTest, rows_without_a_manifest_keep_their_examples) {
  store_->remove("ingests/birch.json");
  EXPECT_THAT(collect({.remove = true, .grace_hours = 0}).examples, SizeIs(3));
  EXPECT_TRUE(is_there(birch_));
}

}  // namespace
}  // namespace canopy
