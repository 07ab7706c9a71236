// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot.h"

#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/hash.h"
#include "catalog/catalog_fixture.h"
#include "catalog/croissant.h"
#include "catalog/duckdb_session.h"
#include "catalog/snapshot_refs.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SnapshotTest : public testing::Test {
 protected:
  CreatedSnapshot create(SnapshotOptions options) {
    if (options.name.empty()) options.name = "set";
    return create_snapshot(catalog_, options, datasets_);
  }
  std::string refusal(SnapshotOptions options) {
    return error_of([&] { create(options); });
  }
  std::vector<std::string> columns(const Snapshot& snapshot) {
    std::vector<std::string> names;
    for (const auto& column : snapshot.manifest.at("columns")) names.push_back(column.at("name"));
    return names;
  }

  ScratchFolder scratch_;
  fs::path datasets_ = scratch_.path() / "datasets";
  Catalog catalog_ = sample_catalog(scratch_.path() / "catalog");
};

/// Shares under which any split-by gives training tiles.
const char* const kAllTrain = "train=100";

TEST_F(SnapshotTest, is_the_answer_to_its_query_with_its_columns_in_order) {
  const Snapshot made =
      create({.name = "walnuts", .where = "crop = 'walnut' and gsd_m <= 0.1", .split = kAllTrain})
          .snapshot;
  EXPECT_EQ(made.tile_count(), 6);
  EXPECT_EQ(made.folder.filename(), "walnuts-" + made.id.substr(0, 12));
  const auto names = columns(made);
  ASSERT_GE(names.size(), 6u);
  EXPECT_THAT(std::vector<std::string>(names.begin(), names.begin() + 6),
              ElementsAre("tile_id", "uri", "bytes", "split", "weight", "label_kind"));
  EXPECT_THAT(names, testing::Not(Contains("ingested_at")));
  std::set<std::string> expected;
  for (int i = 1; i < 6; ++i) expected.insert(sample_row("2024-alder", "Alder", i).tile_id);
  expected.insert(sample_row("2025-fixed", "Alder", 0).tile_id);
  std::vector<std::string> ids;
  for (const SnapshotRef& ref : read_refs(made)) ids.push_back(ref.tile_id);
  EXPECT_EQ(ids, std::vector<std::string>(expected.begin(), expected.end()));
}

TEST_F(SnapshotTest, made_twice_is_one_id_and_one_folder) {
  const CreatedSnapshot first = create({.where = "true", .split = kAllTrain});
  const std::string manifest = read_file(first.snapshot.folder / "dataset.json");
  const CreatedSnapshot second = create({.where = "true", .split = kAllTrain});
  EXPECT_FALSE(first.reused);
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(first.snapshot.id, second.snapshot.id);
  EXPECT_EQ(read_file(second.snapshot.folder / "dataset.json"), manifest);
  EXPECT_EQ(std::distance(fs::directory_iterator(datasets_), fs::directory_iterator()), 1);
}

TEST_F(SnapshotTest, has_the_same_bytes_on_one_thread_and_two_and_in_another_catalog) {
  ScratchFolder other;
  std::map<std::string, std::set<std::string>> seen;
  for (const int threads : {1, 2, 4}) {
    const fs::path place = other.path() / std::to_string(threads);
    const Snapshot made =
        create_snapshot(
            sample_catalog(place / "catalog"),
            {.name = "set", .where = "tree_count > 3", .split = kAllTrain, .threads = threads},
            place / "datasets")
            .snapshot;
    seen["id"].insert(made.id);
    seen["bytes"].insert(read_file(made.parts()[0]));
  }
  EXPECT_EQ(seen["id"].size(), 1u);
  EXPECT_EQ(seen["bytes"].size(), 1u);
}

TEST_F(SnapshotTest, with_a_sort_larger_than_memory_has_the_same_bytes) {
  Catalog big = Catalog::open((scratch_.path() / "big").string());
  int i = 0;
  big.commit_part("oaks", [&](TileRow& row) {
    if (i == 30000) return false;
    row.tile_id = sha256_hex(std::to_string(i));
    row.tile_key = row.uri = row.tile_id;
    row.ingest_id = "oaks";
    row.bytes = ++i;
    return true;
  });
  SnapshotOptions options{.name = "oaks", .split = kAllTrain, .threads = 2, .memory_mb = 24};
  const Snapshot small = create_snapshot(big, options, scratch_.path() / "one").snapshot;
  options.memory_mb = 0;
  EXPECT_EQ(create_snapshot(big, options, scratch_.path() / "two").snapshot.id, small.id);
  EXPECT_EQ(
      std::distance(fs::directory_iterator(scratch_.path() / "one"), fs::directory_iterator()), 1);
}

TEST_F(SnapshotTest, another_query_or_another_row_is_another_id) {
  const std::string id = create({.where = "true", .split = kAllTrain}).snapshot.id;
  EXPECT_NE(create({.where = "1 = 1", .split = kAllTrain}).snapshot.id, id);
  std::vector<TileRow> row{sample_row("2026-more", "Oak", 0)};
  catalog_.commit_part("2026-more", row);
  EXPECT_NE(create({.where = "true", .split = kAllTrain}).snapshot.id, id);
}

TEST_F(SnapshotTest, tiles_of_one_mosaic_stay_on_one_side) {
  const auto made = create({.sql = "SELECT tile_id, source_sha256, tile_key FROM examples",
                            .split = "train=60,test=40"});
  std::map<std::string, std::set<std::string>> sides;
  for (const TileRow& row : catalog_.read_rows())
    for (const SnapshotRef& ref : read_refs(made.snapshot))
      if (ref.tile_id == row.tile_id) sides[row.source_sha256].insert(ref.split);
  EXPECT_EQ(sides.size(), 3u);
  for (const auto& [source, splits] : sides) EXPECT_EQ(splits.size(), 1u) << source;
}

TEST_F(SnapshotTest, without_the_split_column_s_text_a_tile_falls_by_its_own_key) {
  const auto by_key =
      create({.name = "a", .split_by = "tile_key", .split = "train=50,test=50"}).snapshot;
  const auto by_null =  // the same dataset, so it must lie elsewhere
      create_snapshot(catalog_,
                      {.name = "b", .split_by = "cultivar", .split = "train=50,test=50"},
                      scratch_.path() / "other")
          .snapshot;
  EXPECT_EQ(by_null.id, by_key.id);
  const auto one = read_refs(by_key), two = read_refs(by_null);
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].split, two[i].split);
  EXPECT_FALSE(read_refs(by_key, "test").empty());
  EXPECT_EQ(read_refs(by_key, "test").size() + read_refs(by_key, "train").size(), 15u);
}

TEST_F(SnapshotTest, a_query_of_its_own_may_give_ids_weights_and_splits_alone) {
  const Snapshot made =
      create({.sql = "SELECT tile_id, tree_count / 10 AS weight,\n"
                     "  CASE orchard WHEN 'Birch' THEN 'test' ELSE 'train' END AS split, orchard\n"
                     "FROM examples WHERE crop = 'walnut'; -- and no more"})
          .snapshot;
  for (const SnapshotRef& ref : read_refs(made)) {
    const TileRow row = catalog_.read_rows("tile_id = '" + ref.tile_id + "'").at(0);
    EXPECT_EQ(ref.uri, row.uri);
    EXPECT_EQ(ref.bytes, row.bytes);
    EXPECT_EQ(ref.label_kind, "mask");
    EXPECT_DOUBLE_EQ(ref.weight, static_cast<double>(row.tree_count) / 10);
    EXPECT_EQ(ref.split, row.orchard == "Birch" ? "test" : "train");
  }
  EXPECT_THAT(columns(made),
              ElementsAre("tile_id", "uri", "bytes", "split", "weight", "label_kind", "orchard"));
  EXPECT_EQ(made.manifest["counts"]["splits"]["test"]["tiles"], 4);
}

TEST_F(SnapshotTest, keeps_further_columns_that_are_asked_for) {
  const auto made = create({.columns = {"ndvi_mean", "CROP"}, .split = kAllTrain});
  const auto names = columns(made.snapshot);
  EXPECT_THAT(names, Contains("ndvi_mean"));
  EXPECT_EQ(std::count(names.begin(), names.end(), "crop"), 1);
}

TEST_F(SnapshotTest, a_wrong_query_is_answered_with_the_engine_s_words) {
  EXPECT_THAT(refusal({.where = "crop = 'walnut' and gsd < 0.1"}),
              AllOf(HasSubstr("User: dataset 'set': "),
                    HasSubstr("\"gsd\""),
                    HasSubstr("gsd_m"),
                    HasSubstr("\nLINE 1: crop = 'walnut' and gsd < 0.1"),
                    HasSubstr("^")));
  EXPECT_THAT(refusal({.where = "true); DROP VIEW tiles; --"}), HasSubstr("User"));
  EXPECT_THAT(refusal({.sql = "COPY tiles TO 'x.csv'"}), HasSubstr("disabled"));
  EXPECT_THAT(refusal({.sql = "CREATE TABLE t (a INTEGER)"}), HasSubstr("only a SELECT"));
  EXPECT_THAT(refusal({.sql = "SELECT tile_id FROM read_text('/etc/passwd')"}),
              HasSubstr("disabled"));
  EXPECT_THAT(refusal({.where = "CAST(crop AS INTEGER) = 1"}), HasSubstr("User: dataset 'set'"));
  EXPECT_THAT(refusal({.where = "crop = 'mango'"}), HasSubstr("none of the 16 rows"));
  EXPECT_FALSE(fs::exists(datasets_) && !fs::is_empty(datasets_)) << "nothing is left behind";
}

TEST_F(SnapshotTest, rows_that_cannot_be_trained_on_are_refused) {
  EXPECT_THAT(refusal({.sql = "SELECT uri FROM examples"}), HasSubstr("must select tile_id"));
  EXPECT_THAT(refusal({.sql = "SELECT *, crop FROM examples"}), HasSubstr("'crop' twice"));
  EXPECT_THAT(refusal({.sql = "SELECT tile_id FROM examples UNION ALL SELECT tile_id FROM tiles",
                       .split = kAllTrain}),
              HasSubstr("more than once"));
  EXPECT_THAT(refusal({.sql = "SELECT 'abc' AS tile_id", .split = kAllTrain}),
              HasSubstr("abc is not in the catalog"));
  EXPECT_THAT(refusal({.sql = "SELECT NULL::VARCHAR AS tile_id", .split = kAllTrain}),
              HasSubstr("is NULL"));
  EXPECT_THAT(refusal({.sql = "SELECT tile_id, -1 AS weight FROM examples", .split = kAllTrain}),
              HasSubstr("weight"));
  EXPECT_THAT(
      refusal({.sql = "SELECT tile_id, 'nan'::DOUBLE AS weight FROM examples", .split = kAllTrain}),
      HasSubstr("weight"));
  EXPECT_THAT(refusal({.sql = "SELECT tile_id, NULL::VARCHAR AS split FROM examples"}),
              HasSubstr("has no split"));
  EXPECT_THAT(refusal({.split_by = "orchid"}), HasSubstr("did you mean 'orchard'?"));
}

TEST_F(SnapshotTest, options_that_contradict_are_refused) {
  EXPECT_THAT(refusal({.name = "a/b"}), HasSubstr("dataset name 'a/b'"));
  EXPECT_THAT(refusal({.where = "true", .sql = "SELECT 1"}), HasSubstr("not both"));
  EXPECT_THAT(refusal({.sql = "SELECT 1", .columns = {"crop"}}),
              HasSubstr("columns belong to where"));
  EXPECT_THAT(refusal({.threads = -1}), HasSubstr("threads"));
  EXPECT_THAT(refusal({.memory_mb = -1}), HasSubstr("memory-mb"));
  EXPECT_THAT(refusal({.split = "train=1"}), HasSubstr("sum to 100"));
}

TEST_F(SnapshotTest, an_empty_training_split_stops_and_another_empty_split_is_noted) {
  // One mosaic falls on one side as a whole.
  const std::string side =
      read_refs(create({.name = "probe", .where = "orchard = 'Birch'", .split = "test=50,val=50"})
                    .snapshot)[0]
          .split;
  const bool first = side == "test";
  EXPECT_THAT(refusal({.where = "orchard = 'Birch'",
                       .split = first ? "val=50,train=50" : "train=50,val=50"}),
              AllOf(HasSubstr("'train' is empty"), HasSubstr("split-by=tile_key")));
  const auto made = create(
      {.where = "orchard = 'Birch'", .split = first ? "train=50,val=50" : "val=50,train=50"});
  EXPECT_THAT(made.notes, ElementsAre(HasSubstr("'val' is empty")));
}

TEST_F(SnapshotTest, a_misspelt_split_of_the_query_s_own_stops_and_one_of_another_name_is_noted) {
  const auto split_by_orchard = [](const std::string& alder, const std::string& others) {
    return SnapshotOptions{.sql = "SELECT tile_id, CASE orchard WHEN 'Alder' THEN '" + alder +
                                  "' ELSE '" + others + "' END AS split FROM examples"};
  };
  EXPECT_THAT(refusal(split_by_orchard("trian", "val")),
              AllOf(HasSubstr("User: dataset 'set': the query's column split holds 'trian'"),
                    HasSubstr("none of train, val, test; did you mean 'train'?")));
  EXPECT_THAT(refusal(split_by_orchard("Train", "val")), HasSubstr("did you mean 'train'?"));
  EXPECT_THAT(create(split_by_orchard("train", "val")).notes, IsEmpty());
  const std::string words = "none of train, val, test: training leaves their tiles out";
  EXPECT_THAT(create(split_by_orchard("train", "holdout")).notes,
              ElementsAre("split 'holdout' is " + words));
  EXPECT_THAT(create(split_by_orchard("test1", "test2")).notes,
              ElementsAre("splits 'test1', 'test2' are " + words));
}

TEST_F(SnapshotTest, is_found_by_name_ref_id_and_path) {
  const Snapshot first =
      create({.name = "set", .where = "orchard = 'Alder'", .split = kAllTrain}).snapshot;
  const Snapshot second =
      create({.name = "set", .where = "orchard = 'Birch'", .split = kAllTrain}).snapshot;
  EXPECT_EQ(load_snapshot("set", datasets_).id, second.id);
  EXPECT_EQ(load_snapshot(first.ref(), datasets_).id, first.id);
  EXPECT_EQ(load_snapshot(first.id, datasets_).id, first.id);
  EXPECT_EQ(load_snapshot(first.id.substr(0, 12), datasets_).id, first.id);
  EXPECT_EQ(load_snapshot(first.folder.string(), "nowhere").id, first.id);
  EXPECT_EQ(load_snapshot((first.folder / "dataset.json").string(), "nowhere").id, first.id);
  EXPECT_EQ(list_snapshots(datasets_).size(), 2u);
  EXPECT_THAT(error_of([&] { load_snapshot("sett", datasets_); }),
              AllOf(HasSubstr("NotFound"), HasSubstr("'set'")));
  EXPECT_THAT(error_of([&] { load_snapshot("", datasets_); }), HasSubstr("no dataset is named"));
  EXPECT_THAT(error_of([&] { load_snapshot(scratch_.path().string(), datasets_); }),
              HasSubstr("no dataset.json"));
  const auto again = create({.name = "set", .where = "orchard = 'Alder'", .split = kAllTrain});
  EXPECT_THAT(again.notes, ElementsAre(AllOf(HasSubstr(second.ref()), HasSubstr(first.ref()))));
}

TEST_F(SnapshotTest, has_one_name_and_says_which_when_it_is_asked_for_by_another) {
  const Snapshot made =
      create({.name = "alder", .where = "orchard = 'Alder'", .split = kAllTrain}).snapshot;
  EXPECT_THAT(refusal({.name = "again", .where = "orchard = 'Alder'", .split = kAllTrain}),
              AllOf(HasSubstr("Conflict"), HasSubstr("'" + made.ref() + "' already")));
  EXPECT_EQ(list_snapshots(datasets_).size(), 1u);
  EXPECT_EQ(std::distance(fs::directory_iterator(datasets_), fs::directory_iterator()), 1)
      << "and nothing is left of it";
}

TEST_F(SnapshotTest, verification_names_what_is_broken) {
  const Snapshot made = create({.split = kAllTrain}).snapshot;
  EXPECT_THAT(verify_snapshot(made), IsEmpty());
  EXPECT_THAT(verify_snapshot(made, manifest_sha256(made)), IsEmpty());
  EXPECT_THAT(verify_snapshot(made, "00"), ElementsAre(HasSubstr("registry")));

  const fs::path part = made.parts()[0];
  const std::string good = read_file(part);
  std::string flipped = good;
  flipped[flipped.size() / 2] ^= 1;
  write_file(part, flipped);
  EXPECT_THAT(verify_snapshot(made),
              Contains(AllOf(HasSubstr("part-0.parquet"), HasSubstr("SHA-256"))));
  EXPECT_THAT(refusal({.split = kAllTrain}),
              AllOf(HasSubstr("Environment"), HasSubstr("is damaged")));
  write_file(part, good.substr(1));
  EXPECT_THAT(verify_snapshot(made), Contains(HasSubstr("the manifest says")));
  fs::remove(part);
  EXPECT_THAT(verify_snapshot(made), ElementsAre(HasSubstr("is missing")));
  write_file(part, good);
  write_file(made.folder / "part-1.parquet", good);
  EXPECT_THAT(verify_snapshot(made), ElementsAre(HasSubstr("not named")));
  fs::remove(made.folder / "part-1.parquet");
  write_file(made.folder / "croissant.json", "{}");
  EXPECT_THAT(verify_snapshot(made), ElementsAre(HasSubstr("croissant.json")));
  fs::remove(made.folder / "croissant.json");
  EXPECT_THAT(verify_snapshot(made), ElementsAre(HasSubstr("croissant.json: is missing")));

  Snapshot changed = made;
  changed.manifest["query"] = "SELECT 1";
  EXPECT_THAT(verify_snapshot(changed), Contains(HasSubstr("id does not follow")));
}

TEST_F(SnapshotTest, a_damaged_manifest_is_named) {
  const Snapshot made = create({.split = kAllTrain}).snapshot;
  const auto spoiled = [&](auto&& spoil) {
    nlohmann::ordered_json manifest = made.manifest;
    spoil(manifest);
    write_file(made.folder / "dataset.json", manifest.dump());
    return error_of([&] { load_snapshot("set", datasets_); });
  };
  EXPECT_THAT(spoiled([](auto& m) { m.erase("parts"); }),
              AllOf(HasSubstr("dataset.json"), HasSubstr("damaged")));
  EXPECT_THAT(spoiled([](auto& m) { m["schema"] = 2; }), HasSubstr("version"));
  EXPECT_THAT(spoiled([](auto& m) { m["parts"][0]["uri"] = "../x"; }), HasSubstr("lies elsewhere"));
  write_file(made.folder / "dataset.json", "{");
  EXPECT_THAT(error_of([&] { load_snapshot("set", datasets_); }), HasSubstr("damaged"));
}

TEST_F(SnapshotTest, a_folder_without_its_manifest_is_no_dataset_and_is_finished_by_the_next_try) {
  const Snapshot made = create({.split = kAllTrain}).snapshot;
  fs::remove(made.folder / "dataset.json");
  EXPECT_THAT(list_snapshots(datasets_), IsEmpty());
  const auto again = create({.split = kAllTrain});
  EXPECT_FALSE(again.reused);
  EXPECT_EQ(again.snapshot.id, made.id);
  EXPECT_THAT(verify_snapshot(again.snapshot), IsEmpty());
}

TEST_F(SnapshotTest, the_manifest_tells_where_it_came_from) {
  const auto manifest = create({.where = "crop = 'citrus'", .split = kAllTrain}).snapshot.manifest;
  EXPECT_EQ(manifest["engine"]["version"], DuckdbSession::version());
  EXPECT_THAT(manifest["query"].get<std::string>(), HasSubstr("crop = 'citrus'"));
  ASSERT_EQ(manifest["catalog_parts"].size(), 4u);
  EXPECT_EQ(manifest["catalog_parts"][0]["uri"], "tiles/2024-alder.parquet");
  EXPECT_EQ(manifest["catalog_parts"][0]["sha256"],
            sha256_of_file(catalog_.folder() / "tiles/2024-alder.parquet"));
  EXPECT_EQ(manifest["counts"]["tiles"], 5);
  EXPECT_EQ(manifest["counts"]["distinct_orchard"], 1);
  EXPECT_EQ(manifest["counts"]["splits"]["train"]["tiles"], 5);
}

TEST_F(SnapshotTest, croissant_describes_each_part_and_column) {
  const Snapshot made = create({.split = kAllTrain}).snapshot;
  const auto croissant = nlohmann::ordered_json::parse(read_file(made.folder / "croissant.json"));
  EXPECT_EQ(croissant["conformsTo"], "http://mlcommons.org/croissant/1.0");
  EXPECT_EQ(croissant["distribution"][0]["sha256"], sha256_of_file(made.parts()[0]));
  EXPECT_EQ(croissant["recordSet"][0]["field"].size(), made.manifest["columns"].size());
  EXPECT_EQ(croissant["recordSet"][0]["field"][2]["dataType"], "sc:Integer");
  EXPECT_EQ(croissant["recordSet"][0]["field"][2]["source"]["extract"]["column"], "bytes");
}

TEST_F(SnapshotTest, croissant_reads_several_parts_as_one_set_of_files) {
  nlohmann::ordered_json manifest = create({.split = kAllTrain}).snapshot.manifest;
  manifest["parts"].push_back(manifest["parts"][0]);
  manifest["parts"][1]["uri"] = "part-1.parquet";
  const auto croissant = croissant_of(manifest);
  ASSERT_EQ(croissant["distribution"].size(), 3u);
  EXPECT_EQ(croissant["distribution"][2]["includes"], "part-*.parquet");
  for (const auto& field : croissant["recordSet"][0]["field"])
    EXPECT_EQ(field["source"]["fileSet"]["@id"], croissant["distribution"][2]["@id"]);
}

TEST_F(SnapshotTest, a_difference_lists_tiles_added_and_removed) {
  const Snapshot walnuts =
      create({.name = "a", .where = "crop = 'walnut'", .split = kAllTrain}).snapshot;
  const Snapshot fine = create({.name = "b", .where = "gsd_m < 0.1", .split = kAllTrain}).snapshot;
  const SnapshotDiff diff = diff_snapshots(walnuts, fine);
  EXPECT_EQ(diff.added.size(), 5u);    // lemons
  EXPECT_EQ(diff.removed.size(), 4u);  // birches
  EXPECT_THAT(diff_snapshots(fine, fine).added, IsEmpty());
}

TEST_F(SnapshotTest, a_dataset_with_a_flipped_bit_is_not_read) {
  const Snapshot made = create({.split = kAllTrain}).snapshot;
  const fs::path part = made.parts()[0];
  std::string bytes = read_file(part);
  bytes[20] ^= 1;  // in a page, which the engine may read without a word
  write_file(part, bytes);
  EXPECT_THAT(error_of([&] { read_refs(made); }),
              AllOf(HasSubstr("Environment: dataset " + made.ref() + ": part-0.parquet"),
                    HasSubstr("SHA-256"),
                    HasSubstr("make the dataset again")));
}

TEST_F(SnapshotTest, reading_a_broken_dataset_names_it) {
  const Snapshot made = create({.split = kAllTrain}).snapshot;
  fs::remove(made.parts()[0]);
  EXPECT_THAT(error_of([&] { read_refs(made); }), HasSubstr(made.ref()));
}

}  // namespace
}  // namespace canopy
