// SPDX-License-Identifier: Apache-2.0
#include "data/crown_size.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace canopy {
namespace {

Example boxes(std::vector<LabelledObject> objects) {
  Example example;
  example.width = example.height = 100;
  example.kind = LabelKind::Box;
  example.objects = std::move(objects);
  return example;
}

TEST(CrownSize, of_boxes_is_the_ellipse_inside) {
  const Example example = boxes({{10, 10, 20, 20}, {40, 40, 60, 60}, {50, 10, 58, 18}});
  EXPECT_NEAR(median_crown_px(example), std::numbers::pi / 4 * 100, 1e-6);
  EXPECT_NEAR(working_zoom(example, {.crown_px = 400 * std::numbers::pi / 4}), 2, 1e-6);
}

TEST(CrownSize, crowns_at_the_edge_and_crowds_are_left_out) {
  Example example = boxes({{0, 10, 4, 20}, {40, 40, 60, 60}, {70, 70, 99, 99}});
  example.objects[2].is_crowd = true;
  EXPECT_NEAR(median_crown_px(example), std::numbers::pi / 4 * 400, 1e-6);
  example.objects.resize(1);
  EXPECT_NEAR(median_crown_px(example), std::numbers::pi / 4 * 40, 1e-4)
      << "unless there are no others";
}

TEST(CrownSize, of_masks_counts_pixels) {
  Example example = boxes({{10, 10, 20, 20}});
  example.kind = LabelKind::Mask;
  example.id_map.assign(100 * 100, 0);
  for (int i = 0; i < 64; ++i) example.id_map[static_cast<std::size_t>(15) * 100 + i] = 1;
  EXPECT_EQ(median_crown_px(example), 64);
}

TEST(CrownSize, without_labels_the_zoom_is_one) {
  EXPECT_EQ(working_zoom(boxes({}), {}), 1);
  EXPECT_EQ(working_zoom(boxes({{10, 10, 11, 11}}), {}), 8) << "and it is bounded";
}

TEST(CrownSize, tiles_keep_their_own_scale_where_no_crown_size_is_asked_for) {
  EXPECT_EQ(working_zoom(boxes({{10, 10, 11, 11}}), {.crown_px = 0}), 1);
}

TEST(CrownSize, of_points_is_what_the_options_say) {
  Example example = boxes({{10, 10, 10, 10}, {30, 30, 30, 30}});
  example.kind = LabelKind::Point;
  example.gsd_m = 0.5;
  const CropOptions options = {.crown_px = std::numbers::pi / 4 * 40 * 40, .point_crown_m = 5};
  EXPECT_DOUBLE_EQ(point_side_px(example, options), 10);
  EXPECT_NEAR(working_zoom(example, options), 4, 1e-9);
  EXPECT_EQ(median_crown_px(example), 0) << "the labels tell none";
  example.gsd_m = 0;
  EXPECT_NEAR(point_side_px(example, options), 40, 1e-9);
  EXPECT_NEAR(working_zoom(example, options), 1, 1e-9);
}

}  // namespace
}  // namespace canopy
