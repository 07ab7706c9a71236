// SPDX-License-Identifier: Apache-2.0
#include "nn/model_average.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "base/error.h"
#include "base/error_for_test.h"
#include "nn/bands.h"

namespace canopy {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

Model model(const std::string& name, std::uint64_t seed) {
  MaskRcnnConfig config;
  config.fpn_channels = config.mask_head_channels = 8, config.box_head_channels = 16,
  config.mask_head_layers = 1;
  ModelInfo info;
  info.name = name;
  info.model_id = "id of " + name;
  info.run_id = "run";
  info.config = config;
  info.bands.assign(kModelBands.begin(), kModelBands.end());
  info.metrics = {{"mask_ap", 0.5}};
  return {info, MaskRcnn(config, seed)};
}

TEST(ModelAverage, is_the_mean_of_the_weights_in_their_shares) {
  const Model models[] = {model("a", 1), model("b", 2)};
  const Model soup = average_of(models, {3, 1});
  for (const auto& [name, tensor] : soup.network.weights()) {
    const at::Tensor expected =
        models[0].network.weights().at(name) * 0.75 + models[1].network.weights().at(name) * 0.25;
    EXPECT_TRUE(at::allclose(tensor, expected, 1e-5, 1e-7)) << name;
  }
  const Model same[] = {model("a", 1), model("again", 1)};
  const Model again = average_of(same);
  for (const auto& [name, tensor] : again.network.weights())
    EXPECT_TRUE(at::equal(tensor, same[0].network.weights().at(name))) << name;
}

TEST(ModelAverage, says_whose_mean_it_is_and_knows_the_scales_of_all) {
  Model models[] = {model("a", 1), model("b", 2), model("c", 3)};
  models[0].info.trained_gsd_m = {0.1, 0.3};
  models[1].info.trained_gsd_m = {0.2, 0.4};
  models[2].info.trained_gsd_m = {0.3, 0.5};
  models[1].info.point_scales = {{0.6, 0.15}};
  models[2].info.point_scales = {{0.6, 0.2}, {0.5, 0.1}};
  models[0].info.score_threshold = 0.2, models[1].info.score_threshold = 0.3,
  models[2].info.score_threshold = 0.7;
  const ModelInfo info = average_of(models).info;
  EXPECT_THAT(info.averaged_from, ElementsAre("id of a", "id of b", "id of c"));
  EXPECT_THAT(info.trained_gsd_m, ElementsAre(DoubleNear(0.2, 1e-12), DoubleNear(0.4, 1e-12)));
  ASSERT_EQ(info.point_scales.size(), 2u);
  EXPECT_EQ(info.point_scales[0].input_gsd_m, 0.15);
  EXPECT_NEAR(info.score_threshold, 0.4, 1e-12);
  EXPECT_EQ(info.run_id, "");
  EXPECT_TRUE(info.metrics.empty());
}

TEST(ModelAverage, needs_two_or_more_that_are_alike) {
  Model models[] = {model("a", 1), model("b", 2)};
  const auto refusal = [&](std::vector<double> shares = {}) {
    return error_of([&] { average_of(models, shares); });
  };
  EXPECT_THAT(error_of([&] { average_of({models, 1}); }), HasSubstr("two or more"));
  EXPECT_THAT(refusal({1}), HasSubstr("shares"));
  EXPECT_THAT(refusal({1, -1}), HasSubstr("shares"));
  models[1].info.normalisation.sd[0] = 0.4;
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("'b'"), HasSubstr("normalisation")));
  models[1] = model("b", 2);
  models[1].info.classes = {"background", "tree", "palm"};
  EXPECT_THAT(refusal(), HasSubstr("classes"));
  models[1].info = model("b", 2).info;
  models[1].info.bands = {"red"};
  EXPECT_THAT(refusal(), HasSubstr("bands"));
  models[1].info = model("b", 2).info;
  models[1].info.config.fpn_channels = 16;
  EXPECT_THAT(refusal(), HasSubstr("network"));
  models[1].info = model("b", 2).info;
  models[1].info.trained_gsd_m = {0.1};
  EXPECT_THAT(refusal(), HasSubstr("ground resolutions"));
}

}  // namespace
}  // namespace canopy
