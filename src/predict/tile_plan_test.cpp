// SPDX-License-Identifier: Apache-2.0
#include "predict/tile_plan.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

TEST(TilePlan, cores_cover_every_pixel_once_and_halos_surround_them) {
  Random random(3);
  for (int trial = 0; trial < 50; ++trial) {
    const std::int64_t width = 1 + random.below(3000), height = 1 + random.below(3000);
    const int halo = static_cast<int>(random.below(60));
    const TilePlan plan = plan_tiles(width, height, 512, halo);
    std::int64_t covered = 0;
    for (const Tile& tile : plan.tiles) {
      covered += tile.core.area();
      EXPECT_EQ(intersection(tile.core, Window{0, 0, width, height}), tile.core);
      EXPECT_EQ(intersection(grown(tile.core, halo), tile.window), grown(tile.core, halo));
      EXPECT_EQ(tile.window.width % 32, 0);
      EXPECT_LE(tile.window.width, 512);
    }
    EXPECT_EQ(covered, width * height);
  }
}

TEST(TilePlan, a_farm_pays_at_most_thirty_percent_for_its_halos) {
  EXPECT_LE(plan_tiles(20000, 20000, 768, 36).overlap_tax(), 1.3);
}

TEST(TilePlan, a_halo_that_leaves_no_core_is_refused) {
  EXPECT_THROW(plan_tiles(100, 100, 96, 40), Error);
  EXPECT_THROW(plan_tiles(0, 100, 512, 40), Error);
}

}  // namespace
}  // namespace canopy
