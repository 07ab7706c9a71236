// SPDX-License-Identifier: Apache-2.0
#include "catalog/dataset_tiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "catalog/catalog_fixture.h"
#include "catalog/snapshot_refs.h"

namespace canopy {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class DatasetTiles : public testing::Test {
 protected:
  Snapshot create(const std::string& name, const std::string& where) {
    SnapshotOptions options;
    options.name = name;
    options.where = where;
    options.split = "train=100";
    return create_snapshot(catalog_, options, scratch_.path() / "datasets").snapshot;
  }
  ScratchFolder scratch_;
  Catalog catalog_ = sample_catalog(scratch_.path() / "catalog");
};

TEST_F(DatasetTiles, a_tile_is_found_in_every_dataset_that_holds_it_by_the_beginning_of_its_id) {
  const std::vector<Snapshot> datasets = {create("walnuts", "crop = 'walnut'"),
                                          create("lemons", "crop <> 'walnut'"),
                                          create("all", "true")};
  const std::string tile = read_refs(datasets[0]).front().tile_id;
  for (const std::string& asked : {tile, tile.substr(0, 12)}) {
    const std::vector<TileUse> uses = uses_of_tile(datasets, asked);
    ASSERT_EQ(uses.size(), 2u) << asked;
    EXPECT_EQ(uses[0].dataset, 0u);
    EXPECT_EQ(uses[1].dataset, 2u);
    for (const TileUse& use : uses) {
      EXPECT_EQ(use.tile_id, tile);
      EXPECT_EQ(use.split, "train");
    }
  }
  EXPECT_THAT(uses_of_tile(datasets, std::string(64, '0')), IsEmpty());
  EXPECT_THAT(uses_of_tile({}, tile), IsEmpty());
}

TEST_F(DatasetTiles, what_is_no_id_is_refused) {
  for (const char* wrong : {"abc", "block7.tif", "ABCDEF", "12345678'"})
    EXPECT_THAT(error_of([&] { (void)uses_of_tile({}, wrong); }), HasSubstr("is no tile"));
}

TEST_F(DatasetTiles, pictures_are_counted_by_their_tiles) {
  const Snapshot all = create("all", "true");
  std::int64_t tiles = 0, before = all.tile_count();
  for (const TileSource& source : sources_of(all)) {
    EXPECT_FALSE(source.sha256.empty());
    EXPECT_LE(source.tiles, before);
    before = source.tiles;
    tiles += source.tiles;
  }
  EXPECT_EQ(tiles, all.tile_count());
}

}  // namespace
}  // namespace canopy
