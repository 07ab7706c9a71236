// SPDX-License-Identifier: Apache-2.0
#include "ingest/dataset_check.h"

#include <gmock/gmock.h>

#include "base/random.h"
#include "catalog/compaction.h"
#include "ingest/stored_fixture.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DatasetCheckTest : public StoredTest {
 protected:
  void SetUp() override {
    StoredTest::SetUp();
    rows_ = ingest_tiles("alder", 1, 3);
    ingest_tiles("birch", 2, 2);
    const Snapshot made =
        create_snapshot(*catalog_,
                        {.name = "set", .where = "ingest_id = 'alder'", .split = "train=100"},
                        folder_ / "datasets")
            .snapshot;
    ref_ = made.ref();
    manifest_sha256_ = manifest_sha256(made);
  }
  std::vector<std::string> check(const CheckOptions& options = {}) const {
    try {
      return check_dataset(
          load_snapshot(ref_, folder_ / "datasets"), manifest_sha256_, *store_, *catalog_, options);
    } catch (const Error& error) {
      return {error.what()};
    }
  }

  std::vector<TileRow> rows_;
  std::string ref_, manifest_sha256_;
};

TEST_F(DatasetCheckTest, finds_nothing_where_nothing_is_broken) { EXPECT_THAT(check(), IsEmpty()); }

TEST_F(DatasetCheckTest, names_the_file_of_a_flipped_bit_wherever_it_is) {
  const fs::path files[] = {blob(rows_[1].uri),
                            blob("ingests/alder.json"),
                            folder_ / "catalog/tiles/alder.parquet",
                            folder_ / "catalog/tiles/birch.parquet",
                            folder_ / "datasets" / ref_ / "part-0.parquet",
                            folder_ / "datasets" / ref_ / "dataset.json",
                            folder_ / "datasets" / ref_ / "croissant.json"};
  Random random(5);
  for (const fs::path& path : files) {
    const std::string whole = read_file(path);
    for (int i = 0; i < (path == files[0] ? 120 : 8); ++i) {
      std::string bytes = whole;
      const auto at =
          static_cast<std::size_t>(random.uniform() * static_cast<double>(bytes.size()));
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (i % 8)));
      fs::permissions(path, fs::perms::owner_all);
      write_file(path, bytes);
      EXPECT_THAT(check(), testing::Contains(HasSubstr(path.filename().string())))
          << "byte " << at << " of " << whole.size();
    }
    write_file(path, whole);
    EXPECT_THAT(check(), IsEmpty());
  }
}

TEST_F(DatasetCheckTest, in_haste_looks_at_the_datasets_own_files_alone) {
  flip_bit(blob(rows_[1].uri));
  EXPECT_THAT(check({.quick = true}), IsEmpty());
  flip_bit(folder_ / "datasets" / ref_ / "part-0.parquet");
  EXPECT_THAT(check({.quick = true}), testing::Not(IsEmpty()));
  EXPECT_THAT(check({.threads = -1}), ElementsAre(HasSubstr("threads")));
}

TEST_F(DatasetCheckTest, after_compaction_holds_the_merged_part_against_its_name) {
  compact(*catalog_, {.grace_s = 0});
  EXPECT_THAT(check(), IsEmpty());
  const fs::path merged = catalog_->parts().at(0).path;
  flip_bit(merged, 0.3);
  EXPECT_THAT(check(), testing::Contains(HasSubstr(merged.filename().string())));
}

TEST_F(DatasetCheckTest, names_what_is_gone) {
  fs::remove(folder_ / "catalog/tiles/birch.parquet");
  store_->remove("ingests/alder.json");
  store_->remove(rows_[0].uri);
  EXPECT_THAT(check(),
              ElementsAre(HasSubstr(rows_[0].uri + ": is missing"),
                          HasSubstr("ingests/alder.json"),
                          HasSubstr("birch.parquet: is missing")));
}

}  // namespace
}  // namespace canopy
