// SPDX-License-Identifier: Apache-2.0
#include "ingest/tile_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

using testing::ElementsAre;

Label outline(const Polygon& polygon) {
  Label label;
  label.parts = {polygon};
  label.box = bounds_of(label.parts);
  return label;
}
Label box(double xmin, double ymin, double xmax, double ymax) {
  Label label;
  label.shape = Label::Shape::Box;
  label.box = {xmin, ymin, xmax, ymax};
  return label;
}

LabelsOfTile cut_grid(const std::vector<Label>& labels,
                      LabelKind kind,
                      const TileGrid& grid,
                      std::vector<std::uint8_t> valid = {}) {
  if (valid.empty()) valid.assign(static_cast<std::size_t>(grid.area()), 1);
  return labels_of_tile(LabelIndex(labels, 100, 100, 16), kind, grid, valid);
}
LabelsOfTile cut(const std::vector<Label>& labels,
                 LabelKind kind,
                 const Window& window,
                 std::vector<std::uint8_t> valid = {}) {
  return cut_grid(labels, kind, TileGrid::of(window), std::move(valid));
}

TEST(LabelsOfTile, a_crown_that_the_edge_cuts_keeps_its_visible_part) {
  const LabelsOfTile tile =
      cut({outline(rectangle(10, 10, 20, 20))}, LabelKind::Mask, {15, 0, 20, 20});
  ASSERT_EQ(tile.objects.size(), 1U);
  EXPECT_TRUE(tile.cut_by_edge);
  EXPECT_EQ(tile.objects[0].xmin, 0);
  EXPECT_EQ(tile.objects[0].xmax, 5);
  EXPECT_EQ(tile.objects[0].ymin, 10);
  EXPECT_EQ(std::count(tile.id_map.begin(), tile.id_map.end(), 1), 50);
  EXPECT_TRUE(tile.ignore.empty());
}

TEST(LabelsOfTile, a_sliver_of_a_crown_becomes_an_ignore_region) {
  for (const LabelKind kind : {LabelKind::Mask, LabelKind::Box}) {
    const Label label =
        kind == LabelKind::Mask ? outline(rectangle(10, 10, 20, 20)) : box(10, 10, 20, 20);
    const LabelsOfTile tile = cut({label}, kind, {18, 0, 20, 20});
    EXPECT_TRUE(tile.objects.empty());
    EXPECT_FALSE(tile.cut_by_edge);
    EXPECT_EQ(std::count(tile.ignore.begin(), tile.ignore.end(), true), 20);
    EXPECT_TRUE(tile.ignore[10 * 20]);
  }
}

TEST(LabelsOfTile, of_two_crowns_each_pixel_belongs_to_one) {
  const LabelsOfTile tile = cut(
      {outline(disc({10, 10}, 8)), outline(disc({16, 10}, 5))}, LabelKind::Mask, {0, 0, 32, 32});
  EXPECT_EQ(tile.objects.size(), 2U);
  EXPECT_EQ(tile.id_map[10 * 32 + 13], 2) << "the smaller one wins";
  EXPECT_EQ(tile.id_map[10 * 32 + 4], 1);
}

TEST(LabelsOfTile, a_tree_in_several_pieces_is_one_object) {
  Label label = outline(rectangle(2, 2, 6, 6));
  label.parts.push_back(rectangle(10, 2, 14, 6));
  label.box = bounds_of(label.parts);
  const LabelsOfTile tile = cut({label}, LabelKind::Mask, {0, 0, 32, 32});
  ASSERT_EQ(tile.objects.size(), 1U);
  EXPECT_EQ(tile.objects[0].xmax, 14);
  EXPECT_EQ(std::count(tile.id_map.begin(), tile.id_map.end(), 1), 32);
}

TEST(LabelsOfTile, trees_without_a_pixel_of_their_own_are_left_out_and_ids_stay_dense) {
  std::vector<std::uint8_t> valid(32 * 32, 1);
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 8; ++x) valid[static_cast<std::size_t>(32 * y + x)] = 0;
  const LabelsOfTile tile = cut({outline(rectangle(1, 1, 7, 7)),
                                 outline(rectangle(20.6, 20.6, 20.9, 20.9)),
                                 outline(rectangle(12, 12, 18, 18))},
                                LabelKind::Mask,
                                {0, 0, 32, 32},
                                valid);
  ASSERT_EQ(tile.objects.size(), 1U);
  EXPECT_THAT(tile.label_of, ElementsAre(2));
  EXPECT_EQ(*std::max_element(tile.id_map.begin(), tile.id_map.end()), 1);
}

TEST(LabelsOfTile, ignore_regions_never_cover_a_tree_that_is_shown) {
  Label region = outline(rectangle(0, 0, 32, 32));
  region.is_ignore = true;
  for (const LabelKind kind : {LabelKind::Mask, LabelKind::Box}) {
    const Label tree =
        kind == LabelKind::Mask ? outline(rectangle(4, 4, 10, 10)) : box(4, 4, 10, 10);
    const LabelsOfTile tile = cut({region, tree}, kind, {0, 0, 32, 32});
    EXPECT_EQ(tile.objects.size(), 1U);
    EXPECT_EQ(std::count(tile.ignore.begin(), tile.ignore.end(), true), 32 * 32 - 36);
    EXPECT_FALSE(tile.ignore[5 * 32 + 5]);
  }
}

TEST(LabelsOfTile, points_belong_to_the_tiles_that_hold_them) {
  Label point;
  point.shape = Label::Shape::Point;
  point.box = {16, 5, 16, 5};
  EXPECT_TRUE(cut({point}, LabelKind::Point, {0, 0, 16, 16}).objects.empty());
  const LabelsOfTile tile = cut({point}, LabelKind::Point, {16, 0, 16, 16});
  ASSERT_EQ(tile.objects.size(), 1U);
  EXPECT_EQ(tile.objects[0].xmin, 0);
  EXPECT_EQ(tile.objects[0].ymax, 5);
  EXPECT_FALSE(tile.cut_by_edge);
}

TEST(LabelsOfTile, a_coarser_tile_has_the_same_labels_in_its_own_pixels) {
  const TileGrid half = {{20, 10, 64, 64}, 32, 32};
  const LabelsOfTile masks =
      cut_grid({outline(rectangle(30, 20, 50, 30)), outline(rectangle(-10, 20, 22, 30))},
               LabelKind::Mask,
               half);
  ASSERT_EQ(masks.objects.size(), 1U);
  EXPECT_EQ(masks.objects[0].xmin, 5);
  EXPECT_EQ(masks.objects[0].ymax, 10);
  EXPECT_EQ(std::count(masks.id_map.begin(), masks.id_map.end(), 1), 10 * 5);
  EXPECT_EQ(std::count(masks.ignore.begin(), masks.ignore.end(), true), 5) << "the sliver";
  const LabelsOfTile boxes = cut_grid({box(30, 20, 50, 31)}, LabelKind::Box, half);
  ASSERT_EQ(boxes.objects.size(), 1U);
  EXPECT_EQ(boxes.objects[0].xmax, 15);
  EXPECT_EQ(boxes.objects[0].ymax, 10.5F);
  Label point;
  point.shape = Label::Shape::Point;
  point.box = {83, 73, 83, 73};
  const LabelsOfTile points = cut_grid({point}, LabelKind::Point, half);
  ASSERT_EQ(points.objects.size(), 1U);
  EXPECT_EQ(points.objects[0].xmin, 31.5F);
  EXPECT_EQ(points.objects[0].ymin, 31.5F);
}

TEST(LabelsOfTile, the_index_finds_what_a_search_of_all_labels_finds) {
  Random random(5);
  std::vector<Label> labels;
  for (int i = 0; i < 400; ++i)
    labels.push_back(
        outline(disc({random.uniform(-5, 105), random.uniform(-5, 105)}, random.uniform(0.2, 20))));
  const LabelIndex index(labels, 100, 100, 16);
  for (int i = 0; i < 100; ++i) {
    const Window window = {
        random.below(100) - 10, random.below(100) - 10, 1 + random.below(60), 1 + random.below(60)};
    std::vector<std::size_t> expected;
    for (std::size_t k = 0; k < labels.size(); ++k)
      if (meets(labels[k].box, window)) expected.push_back(k);
    EXPECT_EQ(index.near(window), expected);
  }
}

}  // namespace
}  // namespace canopy
