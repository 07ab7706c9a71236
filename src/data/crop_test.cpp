// SPDX-License-Identifier: Apache-2.0
#include "data/crop.h"

#include <map>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "data/crown_size.h"
#include "data/test_tile.h"
#include "nn/bands.h"

namespace canopy {
namespace {

struct Cut {
  at::Tensor planes, id_map, ignore;
  SampleLabels labels;
  SampleMemory memory;
  explicit Cut(std::int64_t size)
      : planes(at::full({5, size, size}, 99.0f)),
        id_map(at::full({size, size}, -7, at::kInt)),
        ignore(at::zeros({size, size}, at::kBool)),
        memory{planes.data_ptr<float>(), id_map.data_ptr<std::int32_t>(), ignore.data_ptr<bool>()} {
  }
};

Cut sample_of(const Example& example, const CropOptions& options, std::int64_t position) {
  Cut cut(options.size_px);
  cut.labels = make_sample(example, options, {}, 3, 0, position, cut.memory);
  return cut;
}

Cut cut_at(const Example& example, const Placement& placement, CropOptions options = {}) {
  Cut cut(placement.width);
  Random random(1);
  options.augment = false;
  cut.labels = cut_sample(example, placement, options, {}, random, cut.memory);
  return cut;
}

/// The id that a crown's brightness tells, 0 for ground; from the raw numbers of tile_of_crowns.
int id_by_brightness(float input) {
  const AffineNormalisation affine = normalise_plane({}, 0, "uint16", 0, 0);
  const float raw = (input - affine.shift) / affine.factor;
  return raw < 1000 ? 0 : static_cast<int>(std::lround((raw - 1000) / 10));
}

TEST(Crop, pixels_and_ids_go_together_under_every_turn) {
  const Example tile = tile_of_crowns(200, 12, 1);
  for (int turn = 0; turn < 8; ++turn) {
    const Cut cut =
        cut_at(tile,
               {.x0 = 50, .y0 = 40, .zoom = 1, .width = 128, .height = 128, .turn = turn},
               {.keep_visible = 0});
    const auto ids = cut.id_map.accessor<std::int32_t, 2>();
    const auto blue = cut.planes[0];
    const auto planes = blue.accessor<float, 2>();
    const auto ignore = cut.ignore.accessor<bool, 2>();
    for (int y = 0; y < 128; ++y)
      for (int x = 0; x < 128; ++x)
        if (!ignore[y][x]) {
          ASSERT_EQ(ids[y][x], id_by_brightness(planes[y][x])) << turn << " " << x << " " << y;
        }
  }
}

TEST(Crop, boxes_are_tight_around_their_ids) {
  const Example tile = tile_of_crowns(300, 25, 2);
  for (int position = 0; position < 20; ++position) {
    const Cut cut = sample_of(tile, {.size_px = 128}, position);
    ASSERT_EQ(cut.labels.boxes.size(0), cut.labels.object_ids.size(0));
    for (std::int64_t i = 0; i < cut.labels.boxes.size(0); ++i) {
      const at::Tensor inside = (cut.id_map == cut.labels.object_ids[i]).nonzero();
      ASSERT_GT(inside.size(0), 0);
      const at::Tensor low = std::get<0>(inside.min(0)), high = std::get<0>(inside.max(0)) + 1;
      const auto box = cut.labels.boxes[i];
      EXPECT_EQ(box[0].item<float>(), low[1].item<float>());
      EXPECT_EQ(box[1].item<float>(), low[0].item<float>());
      EXPECT_EQ(box[2].item<float>(), high[1].item<float>());
      EXPECT_EQ(box[3].item<float>(), high[0].item<float>());
    }
    const auto listed = std::get<0>(at::_unique(cut.labels.object_ids));
    const auto present =
        std::get<0>(at::_unique(cut.id_map.masked_select(cut.id_map > 0).to(at::kLong)));
    EXPECT_TRUE(at::equal(listed, present)) << "no id without a box";
  }
}

TEST(Crop, box_labels_turn_with_the_pixels) {
  const Example masks = tile_of_crowns(200, 12, 1);
  Example boxes = masks;
  boxes.kind = LabelKind::Box;
  boxes.id_map.clear();
  for (int turn = 0; turn < 8; ++turn) {
    const Placement placement{
        .x0 = 0, .y0 = 0, .zoom = 1, .width = 224, .height = 224, .turn = turn};
    const Cut a = cut_at(masks, placement), b = cut_at(boxes, placement);
    EXPECT_TRUE(at::allclose(a.labels.boxes, b.labels.boxes, 0, 1e-4)) << turn;
    EXPECT_EQ(b.labels.kind, "box");
    EXPECT_EQ(b.labels.object_ids.size(0), 0);
  }
}

TEST(Crop, a_crown_that_shows_too_little_is_ignored) {
  for (const LabelKind kind : {LabelKind::Mask, LabelKind::Box}) {
    Example tile = tile_of_crowns(100, 0, 1, kind);
    tile.objects = {{20, 20, 60, 60}};
    if (kind == LabelKind::Mask)
      for (std::size_t y = 20; y < 60; ++y)
        for (std::size_t x = 20; x < 60; ++x) tile.id_map[y * 100 + x] = 1;
    const Cut shown = cut_at(tile, {.x0 = 46, .y0 = 10, .zoom = 1, .width = 64, .height = 64});
    EXPECT_EQ(shown.labels.boxes.size(0), 1) << "35 % is visible";
    EXPECT_EQ(shown.labels.boxes[0][2].item<float>(), 14);
    const Cut hidden = cut_at(tile, {.x0 = 50, .y0 = 10, .zoom = 1, .width = 64, .height = 64});
    EXPECT_EQ(hidden.labels.boxes.size(0), 0) << "25 % is visible";
    EXPECT_TRUE(hidden.ignore[20][5].item<bool>());
    EXPECT_FALSE(hidden.ignore[20][11].item<bool>());
    EXPECT_EQ(hidden.id_map.max().item<int>(), 0);
  }
}

TEST(Crop, crowds_nodata_and_the_outside_are_ignored) {
  Example tile = tile_of_crowns(100, 0, 1);
  tile.objects = {{20, 20, 60, 60}};
  tile.objects[0].is_crowd = true;
  for (std::size_t y = 20; y < 60; ++y)
    for (std::size_t x = 20; x < 60; ++x) tile.id_map[y * 100 + x] = 1;
  tile.valid.assign(100 * 100, true);
  tile.valid[70 * 100 + 70] = false;
  tile.ignore.assign(100 * 100, false);
  tile.ignore[80 * 100 + 80] = true;
  const Cut cut = cut_at(tile, {.x0 = -14, .y0 = 0, .zoom = 1, .width = 128, .height = 128});
  EXPECT_EQ(cut.labels.boxes.size(0), 0);
  EXPECT_TRUE(cut.ignore[30][44].item<bool>()) << "crowd";
  EXPECT_TRUE(cut.ignore[70][84].item<bool>()) << "nodata";
  EXPECT_EQ(cut.planes[2][70][84].item<float>(), 0);
  EXPECT_TRUE(cut.ignore[80][94].item<bool>()) << "ignore region";
  EXPECT_NE(cut.planes[2][80][94].item<float>(), 0) << "it is still a picture";
  EXPECT_TRUE(cut.ignore[50][5].item<bool>()) << "outside";
  EXPECT_FALSE(cut.ignore[90][60].item<bool>());
}

TEST(Crop, a_missing_band_is_zero) {
  const Example tile = tile_of_crowns(100, 3, 1, LabelKind::Mask, {"red", "green", "blue"});
  const Cut cut = cut_at(tile, {.zoom = 1, .width = 96, .height = 96});
  EXPECT_EQ(cut.planes[3].abs().max().item<float>(), 0);
  EXPECT_EQ(cut.planes[4].abs().max().item<float>(), 0);
  EXPECT_GT(cut.planes[0].abs().min().item<float>(), 0);
}

TEST(Crop, the_median_crown_comes_to_the_wanted_size) {
  const Example tile = tile_of_crowns(512, 60, 5);
  const CropOptions options{.size_px = 256, .crown_px = 900};
  double low = 1e9, high = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Random random(i);
    const Placement placement = draw_placement(tile, options, random);
    const double factor = placement.zoom / std::sqrt(900 / median_crown_px(tile));
    low = std::min(low, factor);
    high = std::max(high, factor);
    EXPECT_GE(placement.x0, 0);
    EXPECT_LE(placement.x0 + 256 / placement.zoom, 512.001);
  }
  EXPECT_NEAR(low, 0.7, 0.02);
  EXPECT_NEAR(high, 1.4, 0.03);
}

TEST(Crop, a_window_larger_than_the_tile_holds_all_of_it) {
  const Example tile = tile_of_crowns(64, 3, 5);
  Random random(1);
  const Placement placement = draw_placement(tile, {.size_px = 256, .crown_px = 400}, random);
  EXPECT_LE(placement.x0, 0);
  EXPECT_GE(placement.x0 + 256 / placement.zoom, 64 - 1e-6);
}

TEST(Crop, a_sample_is_a_function_of_its_position) {
  const Example tile = tile_of_crowns(300, 20, 2);
  const Cut a = sample_of(tile, {.size_px = 96}, 5), again = sample_of(tile, {.size_px = 96}, 5),
            other = sample_of(tile, {.size_px = 96}, 6);
  EXPECT_TRUE(at::equal(a.planes, again.planes));
  EXPECT_TRUE(at::equal(a.id_map, again.id_map));
  EXPECT_FALSE(at::equal(a.planes, other.planes));
}

TEST(Crop, a_whole_tile_is_padded_to_multiples_of_32) {
  const Example tile = tile_of_crowns(100, 5, 1);
  const at::Tensor planes = whole_tile(tile, {}, 0.5);
  EXPECT_EQ(planes.sizes(), (std::vector<std::int64_t>{1, 5, 64, 64}));
  EXPECT_NE(planes[0][0][49][49].item<float>(), 0);
  EXPECT_EQ(planes[0][0][50][10].item<float>(), 0);
}

TEST(Crop, point_labels_keep_their_place_in_a_square_of_the_usual_crown) {
  Example tile = tile_of_crowns(100, 0, 1, LabelKind::Point);
  tile.objects = {{30, 40, 30, 40}, {90, 90, 90, 90}};
  tile.gsd_m = 0.5;
  const Cut cut = cut_at(
      tile, {.x0 = 10, .y0 = 10, .zoom = 2, .width = 64, .height = 64}, {.point_crown_m = 4});
  ASSERT_EQ(cut.labels.boxes.size(0), 1);
  EXPECT_TRUE(at::equal(cut.labels.boxes[0], at::tensor({32.f, 52.f, 48.f, 68.f})));
}

TEST(Crop, impossible_options_are_refused) {
  EXPECT_THROW(CropOptions{.size_px = 100}.validate(), Error);
  EXPECT_THROW(CropOptions{.crown_px = 1}.validate(), Error);
  EXPECT_THROW(CropOptions{.point_crown_m = 0}.validate(), Error);
  EXPECT_THROW((CropOptions{.zoom_low = 2, .zoom_high = 1}.validate()), Error);
  EXPECT_THROW(CropOptions{.tree_centred = 2}.validate(), Error);
  EXPECT_THROW(CropOptions{.keep_visible = -1}.validate(), Error);
}

}  // namespace
}  // namespace canopy
