// SPDX-License-Identifier: Apache-2.0
#include "train/scenes.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "data/test_tile.h"

namespace canopy {
namespace {

Example one_square(LabelKind kind) {
  Example example;
  example.height = example.width = 64;
  example.kind = kind;
  example.objects = {{10, 20, 30, 40, ObjectClass::DeadTree}};
  if (kind == LabelKind::Mask) {
    example.id_map.assign(64 * 64, 0);
    for (std::size_t y = 20; y < 40; ++y)
      for (std::size_t x = 10; x < 30; ++x) example.id_map[y * 64 + x] = 1;
  }
  return example;
}

TEST(Scenes, truth_has_the_labels_areas_and_classes) {
  const Scene masks = truth_of(one_square(LabelKind::Mask)),
              boxes = truth_of(one_square(LabelKind::Box));
  ASSERT_EQ(masks.truth.size(), 1u);
  EXPECT_EQ(masks.truth[0].area_px, 400);
  EXPECT_EQ(masks.truth[0].category, 2);
  EXPECT_EQ(boxes.truth[0].area_px, 400);
  EXPECT_TRUE(boxes.truth[0].mask.counts.empty());
  EXPECT_FALSE(boxes.has_points);
}

TEST(Scenes, points_stay_points) {
  Example example = one_square(LabelKind::Point);
  example.objects = {{10, 20, 10, 20, ObjectClass::Tree}};
  const Scene scene = truth_of(example);
  EXPECT_TRUE(scene.has_points);
  ASSERT_EQ(scene.truth.size(), 1u);
  EXPECT_EQ(scene.truth[0].box.x, 10);
  EXPECT_EQ(scene.truth[0].box.y, 20);
}

TEST(Scenes, a_tile_without_labels_is_refused_by_name) {
  Example example = one_square(LabelKind::None);
  example.filename = "bare.tif";
  try {
    truth_of(example);
    FAIL() << "nothing to compare with";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    EXPECT_NE(std::string(error.what()).find("bare.tif"), std::string::npos);
  }
}

TEST(Scenes, invalid_pixels_are_ignored) {
  Example example = one_square(LabelKind::Box);
  example.valid.assign(64 * 64, true);
  example.valid[5] = false;
  example.ignore.assign(64 * 64, false);
  example.ignore[9] = true;
  EXPECT_EQ(area_px(truth_of(example).ignore), 2);
}

TEST(Scenes, a_tile_without_a_band_is_as_if_it_had_been_flown_without) {
  Example tile = tile_of_crowns(64, 3, 1);
  const std::vector<std::string> bands = tile.bands;
  const auto red = tile.planes.at(2);
  leave_out_bands({"red_edge", "nir"}, tile);
  EXPECT_EQ(tile.bands, (std::vector<std::string>{"blue", "green", "red"}));
  EXPECT_EQ(tile.planes.size(), 3u);
  EXPECT_EQ(tile.planes.at(2), red);
  leave_out_bands({"nir"}, tile);
  EXPECT_EQ(tile.planes.size(), 3u) << "it is not there any more";
  EXPECT_NO_THROW(encode(tile));
  EXPECT_THROW(leave_out_bands({"infrared"}, tile), Error);
}

TEST(Scenes, what_was_found_at_another_zoom_comes_back_to_the_tiles_pixels) {
  Instances instances;
  instances.boxes = at::tensor({20.0f, 40.0f, 60.0f, 80.0f}).view({1, 4});
  instances.scores = at::tensor({0.75f});
  instances.classes = at::full({1}, 2, at::kLong);
  instances.masks = at::ones({1, 28, 28});
  Scene scene = truth_of(one_square(LabelKind::Mask));
  add_found(instances, 2, 64, 64, scene);
  ASSERT_EQ(scene.found.size(), 1u);
  EXPECT_EQ(scene.found[0].box.width, 20);
  EXPECT_NEAR(
      static_cast<double>(intersection_px(scene.found[0].mask, scene.truth[0].mask)), 400, 40);
  EXPECT_EQ(scene.found[0].category, 2);
  instances.masks.zero_();
  add_found(instances, 2, 64, 64, scene);
  EXPECT_EQ(scene.found.size(), 1u) << "nothing was found";
}

}  // namespace
}  // namespace canopy
