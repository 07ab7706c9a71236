// SPDX-License-Identifier: Apache-2.0
#include "train/tile_scores.h"

#include <array>

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"

namespace canopy {
namespace {

ExampleRef ref(const char* tile_id) {
  ExampleRef made;
  made.tile_id = tile_id;
  return made;
}

/// Three tiles, seen one after the other.
struct Setting {
  std::vector<ExampleRef> refs = {ref("a"), ref("b"), ref("c")};
  TileScores scores{refs, sequential_order(3)};

  /// A batch of two that begins at `position` of the stream.
  void see(std::int64_t position, std::array<const char*, 2> tiles, std::array<double, 2> losses) {
    Batch batch;
    batch.epoch = position / 3;
    batch.first_position = position % 3;
    for (const char* tile : tiles) batch.labels.emplace_back().tile_id = tile;
    scores.see(batch, losses, ++step, usual);
  }
  std::string csv(std::span<const Scene> scenes = {}) const { return csv_of(scores, scenes); }
  std::string csv_of(const TileScores& of, std::span<const Scene> scenes = {}) const {
    const std::string path = ::testing::TempDir() + "tile_scores.csv";
    of.write(path, scenes, 0.5, step);
    const std::string text = read_file(path);
    return text.substr(text.find('\n') + 1);
  }
  std::int64_t step = 0;
  double usual = 1;
};

/// A square crown, found in part and once by a tree of a low score.
Scene half_found(const std::string& name) {
  Scene scene;
  scene.name = name;
  const auto square = [](int from, int to) {
    std::vector<std::uint8_t> mask(100);
    for (int i = from; i < to; ++i) mask[static_cast<std::size_t>(i)] = 1;
    return rle_of_mask(mask, 10, 10);
  };
  for (const int at : {0, 50}) {
    TruthTree& tree = scene.truth.emplace_back();
    tree.mask = square(at, at + 20);
    tree.box = {0, static_cast<double>(at) / 10, 10, 2};
    tree.area_px = 20;
  }
  for (const double score : {0.9, 0.2}) {
    FoundTree& tree = scene.found.emplace_back();
    tree.score = score;
    const int at = score > 0.5 ? 0 : 50;
    tree.mask = square(at, at + 10);
    tree.box = {0, static_cast<double>(at) / 10, 10, 1};
  }
  return scene;
}

TEST(TileScores, the_newest_loss_counts_half_and_difficulty_is_against_what_was_usual) {
  Setting run;
  run.see(0, {"a", "b"}, {1, 3});
  EXPECT_EQ(run.csv(), "a,1,1,,,0.5,1\nb,1,3,,,0.75,1\n") << "c was not seen";
  run.usual = 0.5;  // the run has got better
  run.see(2, {"c", "a"}, {0.5, 0.5});
  EXPECT_EQ(run.csv(), "a,2,0.75,,,0.5,2\nb,1,3,,,0.75,1\nc,2,0.5,,,0.5,1\n");
}

TEST(TileScores, a_tile_in_place_of_a_broken_one_says_nothing_of_that) {
  Setting run;
  run.see(0, {"c", "b"}, {1, 1});
  EXPECT_EQ(run.csv(), "b,1,1,,,0.5,1\n");
}

TEST(TileScores, are_the_same_after_a_checkpoint) {
  Setting run;
  run.see(0, {"a", "b"}, {0.1, 1.0 / 3});
  TileScores restored(run.refs, sequential_order(3));
  restored.restore({});
  restored.restore(run.scores.state());
  EXPECT_EQ(run.csv_of(restored), run.csv());
  EXPECT_TRUE(at::equal(restored.state().at("relative"), run.scores.state().at("relative")));
}

TEST(TileScores, evaluated_tiles_have_the_overlap_of_their_masks) {
  Setting run;
  run.see(0, {"a", "b"}, {1, 1});
  const std::vector<Scene> scenes = {half_found("a"), half_found("held out")};
  EXPECT_EQ(run.csv(scenes),
            "a,1,1,0.25,0.25,0.5,1\n"
            "b,1,1,,,0.5,1\n"
            "held out,1,,0.25,0.25,,0\n");
}

TEST(TileScores, trees_without_masks_have_no_overlap) {
  Scene boxes = half_found("boxes");
  for (TruthTree& tree : boxes.truth) tree.mask = {};
  EXPECT_FALSE(mask_iou_of(boxes, 0.5));
  EXPECT_FALSE(mask_iou_of(Scene(), 0.5));
}

}  // namespace
}  // namespace canopy
