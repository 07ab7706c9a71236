// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "base/error_for_test.h"
#include "catalog/catalog_engine.h"
#include "catalog/compaction.h"
#include "catalog/postgres_fixture.h"
#include "catalog/postgres_session.h"
#include "catalog/snapshot.h"
#include "ingest/catalog_rebuild.h"
#include "ingest/garbage.h"
#include "ingest/stored_fixture.h"

// rebuild, gc and compact where the catalog is in PostgreSQL, on a real server.

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CareOnPostgres : public StoredTest {
 protected:
  void SetUp() override {
    StoredTest::SetUp();
    url_ = PostgresServer::instance().fresh_database();
    catalog_ = std::make_unique<Catalog>(Catalog::open(url_));
    alder_ = ingest_tiles("alder", 1, 3, 1);
    again_ = ingest_tiles("alder-again", 1, 3, 2);
    birch_ = ingest_tiles("birch", 2, 2);
    before_ = all_rows();
  }
  void change(const std::string& sql) {
    PostgresSession session(url_);
    session.transaction("BEGIN", [&] { session.execute(sql); });
  }
  Garbage collect(const GarbageOptions& options) {
    return collect_garbage(*store_, *catalog_, folder_ / "datasets", {}, options);
  }

  std::string url_, before_;
  std::vector<TileRow> alder_, again_, birch_;
};

TEST_F(CareOnPostgres, rebuild_gives_every_row_again_from_the_store_alone) {
  change("DELETE FROM tiles; DELETE FROM ingests");
  const RebuildReport report = rebuild_catalog(*store_, *catalog_);
  EXPECT_EQ(report.rows, 8);
  EXPECT_EQ(report.parts_changed, 3);
  EXPECT_EQ(report.problems.count, 0);
  EXPECT_EQ(all_rows(), before_);
  EXPECT_EQ(rebuild_catalog(*store_, *catalog_).parts_changed, 0) << "and now nothing is changed";
}

TEST_F(CareOnPostgres, rebuild_puts_rows_right_that_somebody_changed_or_removed) {
  change("UPDATE tiles SET crop = 'pear' WHERE ingest_id = 'birch'");
  change("DELETE FROM tiles WHERE tile_id = '" + alder_[0].tile_id + "'");
  EXPECT_NE(all_rows(), before_);
  EXPECT_EQ(rebuild_catalog(*store_, *catalog_).parts_changed, 2);
  EXPECT_EQ(all_rows(), before_);
  EXPECT_FALSE(catalog_->commit_part("birch", birch_)) << "an ingest that comes again is known";
}

TEST_F(CareOnPostgres, rebuild_names_what_is_lost_and_keeps_rows_without_a_manifest) {
  store_->remove(birch_[0].uri);
  store_->remove("ingests/alder.json");
  const RebuildReport report = rebuild_catalog(*store_, *catalog_);
  EXPECT_EQ(report.ingests_kept, 1);
  EXPECT_THAT(report.problems.first,
              ElementsAre(HasSubstr(birch_[0].uri + ": is missing"),
                          HasSubstr("ingest 'alder': is kept as it was")));
  EXPECT_EQ(catalog_->row_count(), 7);
}

TEST_F(CareOnPostgres, gc_removes_what_nothing_refers_to_and_nothing_else) {
  const std::string latest = catalog_->query("SELECT * FROM examples ORDER BY tile_id").csv();
  EXPECT_THAT(collect({.grace_hours = 0}).ingests, ElementsAre("alder"));
  EXPECT_EQ(all_rows(), before_) << "it was only told";
  EXPECT_TRUE(collect({.remove = true, .grace_hours = 0}).is_removed);
  EXPECT_LT(store_->size(alder_[0].uri), 0);
  EXPECT_EQ(catalog_->row_count(), 5);
  EXPECT_FALSE(catalog_->has_part("alder"));
  EXPECT_EQ(catalog_->query("SELECT * FROM examples ORDER BY tile_id").csv(), latest);
  ingest_tiles("alder", 1, 3, 1);
  EXPECT_EQ(all_rows(), before_) << "it may come again";
}

TEST_F(CareOnPostgres, gc_keeps_what_a_dataset_has_and_waits_for_the_rest) {
  create_snapshot(*catalog_,
                  {.name = "set", .sql = "SELECT tile_id FROM tiles WHERE ingest_id = 'alder'"},
                  folder_ / "datasets");
  EXPECT_THAT(collect({.remove = true, .grace_hours = 0}).ingests, IsEmpty());
  const std::vector<TileRow> killed = ingest_tiles("cedar", 3, 4, 1, true);
  EXPECT_EQ(collect({.remove = true}).examples_waiting, 4);
  EXPECT_EQ(collect({.remove = true}).examples_waiting, 4);
  EXPECT_THAT(collect({.remove = true, .grace_hours = 0}).examples, SizeIs(4));
}

TEST_F(CareOnPostgres, one_at_a_time_rearranges_it_and_ingests_go_on) {
  const auto held = catalog_->engine().rearrange();
  EXPECT_THAT(error_of([&] { rebuild_catalog(*store_, *catalog_); }),
              HasSubstr("another process rearranges this catalog"));
  EXPECT_THAT(error_of([&] { collect({}); }), HasSubstr("another process rearranges"));
  ingest_tiles("cedar", 3, 4);
  EXPECT_EQ(catalog_->row_count(), 12);
}

TEST_F(CareOnPostgres, there_is_nothing_to_compact) {
  const CompactReport report = compact(*catalog_);
  EXPECT_EQ(report.parts_before, 0);
  EXPECT_EQ(all_rows(), before_);
}

}  // namespace
}  // namespace canopy
