// SPDX-License-Identifier: Apache-2.0
#include "train/evaluate.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"
#include "store/slow_store_for_test.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

TEST(Evaluate, tiles_are_spread_over_the_list) {
  std::vector<ExampleRef> refs(10);
  for (std::size_t i = 0; i < 10; ++i) refs[i].tile_id = std::to_string(i);
  const auto chosen = spread(refs, 3);
  ASSERT_EQ(chosen.size(), 3u);
  EXPECT_EQ(chosen[1].tile_id, "3");
  EXPECT_EQ(spread(refs, 0).size(), 10u);
  EXPECT_EQ(spread(refs, 99).size(), 10u);
}

TEST(Evaluate, counts_the_labels_of_every_tile_even_for_a_model_that_knows_nothing) {
  const TinyData tiny("evaluate", LabelKind::Box);
  ModelInfo info;
  info.config = tiny_options().network;
  info.bands.assign(kModelBands.begin(), kModelBands.end());
  info.crown_px_median = 600;
  const Model model{info, MaskRcnn(info.config, 1)};
  const EvalReport report =
      evaluate(model, *tiny.store, tiny.data().refs, {.tiles = 2, .resamples = 0}, no_progress());
  EXPECT_EQ(report.box.pictures, 2);
  EXPECT_FALSE(report.mask.has_value()) << "box labels give box figures only";
  EXPECT_EQ(report.box.truth, tiny.trees(0) + tiny.trees(2));
}

TEST(Evaluate, a_slow_store_gives_the_same_scenes_with_its_reads_overlapping) {
  const TinyData tiny("evaluate_slow", LabelKind::Mask);
  ModelInfo info;
  info.config = tiny_options().network;
  info.bands.assign(kModelBands.begin(), kModelBands.end());
  info.crown_px_median = 600;
  const Model model{info, MaskRcnn(info.config, 1)};
  const SlowStore slow(*tiny.store, std::chrono::milliseconds(50), 4);
  const auto scenes_from = [&](const BlobStore& store) {
    return find_scenes(model, store, tiny.data().refs, {}, no_progress());
  };
  const std::vector<Scene> wanted = scenes_from(*tiny.store), found = scenes_from(slow);
  EXPECT_GT(slow.peak(), 1);
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].name, wanted[i].name);
    ASSERT_EQ(found[i].found.size(), wanted[i].found.size());
    for (std::size_t k = 0; k < found[i].found.size(); ++k)
      EXPECT_EQ(found[i].found[k].score, wanted[i].found[k].score);
  }
}

TEST(Evaluate, impossible_requests_are_refused) {
  const TinyData tiny("evaluate_refuse", LabelKind::Mask);
  ModelInfo info;
  info.config = tiny_options().network;
  const Model model{info, MaskRcnn(info.config, 1)};
  const auto refused = [&](const EvaluateOptions& options) {
    EXPECT_THROW(find_scenes(model, *tiny.store, tiny.data().refs, options, no_progress()), Error);
  };
  refused({.scale = "guess"});
  refused({.tiles = -1});
  refused({.score_threshold = 2});
  refused({.max_found = 0});
  refused({.point_distance_px = 0});
  refused({.resamples = -1});
  EXPECT_THROW(evaluate(model, *tiny.store, {}, {}, no_progress()), Error);
}

}  // namespace
}  // namespace canopy
