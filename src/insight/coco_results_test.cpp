// SPDX-License-Identifier: Apache-2.0
#include "insight/coco_results.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "geo/raster_writer.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// A map of ids over 40 x 20 m, at one pixel a metre times `per_m`.
fs::path write_ids(const fs::path& path, int per_m, const std::vector<Window>& trees_m) {
  RasterSpec spec;
  spec.width = 40 * per_m;
  spec.height = 20 * per_m;
  spec.type = RasterType::UInt32;
  spec.bands = {"tree id"};
  spec.crs = "EPSG:32734";
  spec.world_from_pixel = {{300000, 1.0 / per_m, 0, 6240000, 0, -1.0 / per_m}};
  spec.is_categorical = true;
  std::vector<std::uint32_t> ids(static_cast<std::size_t>(spec.width * spec.height));
  for (std::size_t k = 0; k < trees_m.size(); ++k)
    for (std::int64_t y = trees_m[k].y * per_m; y < trees_m[k].y_end() * per_m; ++y)
      for (std::int64_t x = trees_m[k].x * per_m; x < trees_m[k].x_end() * per_m; ++x)
        ids[static_cast<std::size_t>(y * spec.width + x)] = static_cast<std::uint32_t>(k + 1);
  RasterWriter writer(path, spec);
  writer.write({0, 0, spec.width, spec.height}, ids.data());
  writer.finish();
  return path;
}

TEST(CocoResults, crowns_are_in_the_pixels_of_their_own_picture) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("canopy_coco_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::vector<Window> trees = {{4, 2, 6, 8}, {20, 5, 10, 10}};
  const Raster picture = Raster::open(write_ids(folder / "picture.tif", 4, trees));
  const Raster labels = Raster::open(write_ids(folder / "labels.tif", 2, trees));
  const std::vector<TreeFinding> findings = {{1, 0.75, false}, {2, 0.5, true}};
  const auto one = coco_picture("a/b.tif", picture, labels, findings);
  const auto document = coco_results({one, one});
  ASSERT_EQ(document["images"].size(), 2u);
  EXPECT_EQ(document["images"][1]["id"], 2);
  EXPECT_EQ(document["images"][1]["file_name"], "a/b.tif");
  EXPECT_EQ(document["images"][0]["width"], 160);
  ASSERT_EQ(document["annotations"].size(), 4u);
  const auto& second = document["annotations"][1];
  EXPECT_EQ(second["id"], 2);
  EXPECT_EQ(second["image_id"], 1);
  EXPECT_EQ(second["category_id"], 2);
  EXPECT_EQ(second["score"], 0.5);
  EXPECT_EQ(second["bbox"], (std::vector<double>{80, 20, 40, 40}));
  EXPECT_EQ(second["area"], 1600);
  EXPECT_EQ(document["annotations"][3]["image_id"], 2);
  EXPECT_EQ(document["categories"][0]["name"], "tree");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace canopy
