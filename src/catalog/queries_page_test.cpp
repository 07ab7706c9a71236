// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/catalog_fixture.h"
#include "catalog/duckdb_session.h"
#include "catalog/snapshot.h"
#include "catalog/snapshot_refs.h"

// The page docs/queries.md: each of its queries makes the dataset that its heading promises, of a
// catalog drawn for it:
//
//   orchard  crop    tiles  flown        cultivar  under nets  crowns that touch
//   North    walnut  0..3   2025-05-01   Chandler  yes         all but tile 0
//   North    walnut  4..7   2025-06-01   Chandler  no          all; the ground of tiles 0..3 again
//   South    walnut  0..2   2026-05-01   Howard    no          none
//   West     citrus  0..4   2026-05-01   Eureka    yes         all
//
// Pictures differ in 8 bits or more, but for West's tiles 3 and 4, which differ in 2. Of North's
// tile 0 there is a second revision. Run `second` scored West's tiles 0 to 2 last.

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;

std::map<std::string, std::string> queries_of(const fs::path& page) {
  std::map<std::string, std::string> queries;
  std::istringstream text(read_file(page));
  std::string line, heading, sql;
  bool is_sql = false;
  while (std::getline(text, line)) {
    if (line.rfind("## ", 0) == 0) heading = line.substr(3);
    if (line.rfind("```", 0) == 0) {
      if (is_sql) queries[heading] = std::exchange(sql, "");
      is_sql = line == "```sql";
    } else if (is_sql) {
      sql += line + "\n";
    }
  }
  return queries;
}

class QueriesPage : public testing::Test {
 protected:
  void SetUp() override {
    add("north-may", "North", 0, 4, "walnut", "Chandler", "2025-05-01", true, 0);
    add("north-june", "North", 4, 4, "walnut", "Chandler", "2025-06-01", false, 0);
    add("south", "South", 0, 3, "walnut", "Howard", "2026-05-01", false, 100);
    add("west", "West", 0, 5, "citrus", "Eureka", "2026-05-01", true, 200);
    add("north-again", "North", 0, 1, "walnut", "Chandler", "2025-05-01", true, 0, 2);
    catalog_.see_datasets(datasets_);
    fs::create_directories(scratch_.path() / "catalog/scores");
    score("first", "2026-01-01", {{"North", 1}, {"West", 4}});
    score("second", "2026-02-01", {{"West", 0}, {"West", 1}, {"West", 2}});
    create("walnuts", "SELECT tile_id FROM tiles WHERE orchard = 'North' AND label_revision = 1");
  }

  void add(const std::string& ingest,
           const std::string& orchard,
           int first,
           int count,
           const std::string& crop,
           const std::string& cultivar,
           const std::string& flown,
           bool under_nets,
           double x,
           int revision = 1) {
    std::vector<TileRow> rows;
    for (int i = first; i < first + count; ++i) {
      TileRow& row = rows.emplace_back(sample_row(ingest, orchard, i));
      names_[row.tile_id] = orchard + " " + std::to_string(i);
      row.crop = crop;
      row.cultivar = cultivar;
      row.captured_on = flown;
      row.meta = under_nets ? nlohmann::json{{"cover", "net"}} : nlohmann::json::object();
      row.touching_fraction = orchard == "South" || (orchard == "North" && i == 0) ? 0.1 : 0.5;
      row.tree_count = 5;
      row.label_revision = revision;
      row.x_min = x + 20 * (i % 4) + (i >= 4 ? 2 : 0);
      row.x_max = row.x_min + 20;
      row.y_min = i == 4 && orchard == "West" ? 100 : 0;
      row.y_max = row.y_min + 20;
      // Each 16 bits the same byte twice: two of them differ in at least 8 bits.
      const std::uint64_t look = ordinal(orchard, i);
      row.phash = 0x0101010101010101u * look;
      if (orchard == "West" && i == 4) row.phash = 0x0101010101010101u * ordinal("West", 3) ^ 3u;
    }
    catalog_.commit_part(ingest, rows);
  }
  static std::uint64_t ordinal(const std::string& orchard, int i) {
    return static_cast<std::uint64_t>(i) + (orchard == "North" ? 0 : orchard == "South" ? 16 : 32);
  }

  void score(const std::string& run,
             const std::string& at,
             const std::vector<std::pair<std::string, int>>& tiles) const {
    std::string rows;
    for (const auto& [orchard, i] : tiles)
      rows += (rows.empty() ? "" : ", ") + ("('" + sample_row("", orchard, i).tile_key + "', ") +
              std::to_string(0.1 * i) + ")";
    DuckdbSession().execute("COPY (SELECT tile_key, '" + run + "' AS run_id, '" + at +
                            "' AS scored_at, 100 AS step, loss::DOUBLE AS loss, 0.5 AS "
                            "mask_iou_mean, 0.5::DOUBLE AS difficulty, 3 AS times_seen FROM "
                            "(VALUES " +
                            rows + ") AS v(tile_key, loss)) TO '" +
                            (scratch_.path() / "catalog/scores" / (run + ".parquet")).string() +
                            "'");
  }

  Snapshot create(const std::string& name,
                  const std::string& sql,
                  const std::string& split_by = "source_sha256") const {
    return create_snapshot(catalog_,
                           {.name = name, .sql = sql, .split_by = split_by, .split = "train=100"},
                           datasets_)
        .snapshot;
  }
  /// The tiles of the dataset of a query of the page, as "West 3".
  std::vector<std::string> tiles(const std::string& heading) {
    const Snapshot made = create("answer", sql(heading));
    std::vector<std::string> found;
    for (const SnapshotRef& ref : refs_ = read_refs(made)) found.push_back(names_.at(ref.tile_id));
    return found;
  }
  std::string sql(const std::string& heading) {
    tested_.insert(heading);
    return page_.at(heading);
  }

  ScratchFolder scratch_;
  fs::path datasets_ = scratch_.path() / "datasets";
  Catalog catalog_ = Catalog::open((scratch_.path() / "catalog").string());
  std::map<std::string, std::string> page_ = queries_of(CANOPY_QUERIES_PAGE);
  std::map<std::string, std::string> names_;
  std::set<std::string> tested_;
  std::vector<SnapshotRef> refs_;
};

TEST_F(QueriesPage, has_queries_that_make_what_their_headings_promise) {
  EXPECT_THAT(tiles("Walnut tiles under nets with crowns that touch"),
              UnorderedElementsAre("North 1", "North 2", "North 3"));
  EXPECT_THAT(tiles("What the last model did worst on"),
              UnorderedElementsAre("West 0", "West 1", "West 2"));
  EXPECT_EQ(catalog_.query(sql("What the last model did worst on")).rows[0][2], Cell(0.2));
  EXPECT_THAT(tiles("The same as last month's dataset plus the new cultivar"), testing::SizeIs(11));
  const auto today = tiles("The same as last month's dataset, with the labels of today");
  EXPECT_THAT(today, testing::SizeIs(8));
  const std::string fixed = sample_row("north-again", "North", 0).tile_id;
  EXPECT_TRUE(std::any_of(
      refs_.begin(), refs_.end(), [&](const SnapshotRef& ref) { return ref.tile_id == fixed; }));
  EXPECT_THAT(tiles("At most so many tiles of each orchard"), testing::SizeIs(4));
  EXPECT_THAT(tiles("Without near duplicates"), testing::SizeIs(15));
  EXPECT_THAT(tiles("One flight of each place and season"),
              UnorderedElementsAre("North 4",
                                   "North 5",
                                   "North 6",
                                   "North 7",
                                   "South 0",
                                   "South 1",
                                   "South 2",
                                   "West 0",
                                   "West 1",
                                   "West 2",
                                   "West 3",
                                   "West 4"));

  tiles("Every crop weighs the same");
  std::map<std::string, double> sums;
  for (const SnapshotRef& ref : refs_)
    sums[names_.at(ref.tile_id).substr(0, 4) == "West" ? "citrus" : "walnut"] += ref.weight;
  EXPECT_NEAR(sums["citrus"], 1, 1e-9);
  EXPECT_NEAR(sums["walnut"], 1, 1e-9);
  tiles("Hard tiles come more often");
  for (const SnapshotRef& ref : refs_)
    if (names_.at(ref.tile_id) == "West 4") {
      EXPECT_EQ(ref.weight, 3);
    }

  tiles("The newest season as the test");
  for (const SnapshotRef& ref : refs_)
    EXPECT_EQ(ref.split == "test", names_.at(ref.tile_id).substr(0, 5) != "North");
  EXPECT_EQ(create("answer", sql("Two columns keep together"), "farm_year").tile_count(), 16);

  for (const auto& [heading, text] : page_)
    EXPECT_TRUE(tested_.count(heading)) << "no test holds the page to: " << heading;
}

TEST_F(QueriesPage, a_query_that_reads_a_dataset_says_so_in_the_manifest) {
  const Snapshot walnuts = load_snapshot("walnuts", datasets_);
  const Snapshot made =
      create("answer", sql("The same as last month's dataset plus the new cultivar"));
  EXPECT_EQ(made.manifest.at("from_datasets"), nlohmann::json::array({"walnuts-" + walnuts.id}));
  EXPECT_EQ(catalog_.query("SELECT count(*) FROM datasets.\"" + walnuts.ref() + "\"").rows[0][0],
            Cell(std::int64_t{8}));
  EXPECT_THROW(catalog_.query("FROM datasets.pecans"), Error);
}

TEST_F(QueriesPage, a_value_of_the_column_that_splits_is_never_in_two_splits) {
  Catalog many = Catalog::open((scratch_.path() / "many").string());
  std::vector<TileRow> rows;
  for (int i = 0; i < 600; ++i) {
    TileRow& row = rows.emplace_back(sample_row("many", "Many", i));
    row.orchard = "orchard " + std::to_string(i % 40);
    row.farm = "farm " + std::to_string(i % 20);
    row.cultivar = "cultivar " + std::to_string(i % 30);
    row.captured_on = "2025-01-" + std::to_string(10 + i % 15);
  }
  many.commit_part("many", rows);
  for (const std::string column : {"orchard", "farm", "cultivar", "captured_on"}) {
    const Snapshot made = create_snapshot(many,
                                          {.name = column,
                                           .columns = {column},
                                           .split_by = column,
                                           .split = "train=60,val=20,test=20"},
                                          datasets_)
                              .snapshot;
    const ResultTable splits = DuckdbSession().query(
        "SELECT max(n), count(DISTINCT s) FROM (SELECT count(DISTINCT split) AS n, "
        "any_value(split) "
        "AS s FROM read_parquet(" +
        sql_list(made.parts()) + ") GROUP BY " + column + ")");
    EXPECT_EQ(splits.rows[0][0], Cell(std::int64_t{1})) << column;
    EXPECT_EQ(splits.rows[0][1], Cell(std::int64_t{3})) << column;
  }
}

}  // namespace
}  // namespace canopy
