// SPDX-License-Identifier: Apache-2.0
#include "nn/probe.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace canopy {
namespace {

Instances squares(const std::vector<std::array<float, 4>>& boxes,
                  const std::vector<float>& scores) {
  const auto count = static_cast<std::int64_t>(boxes.size());
  Instances found;
  found.boxes = at::zeros({count, 4});
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t k = 0; k < 4; ++k)
      found.boxes[i][k] = boxes[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
  found.scores = at::tensor(scores);
  found.classes = at::ones({count}, at::kLong);
  found.masks = at::ones({count, 28, 28});
  return found;
}

TEST(Probe, crowns_that_the_edge_cuts_cover_but_tell_no_size) {
  ProbeTally tally(0.5);
  tally.add(squares({{10, 10, 30, 30}, {0, 60, 20, 80}, {50, 50, 70, 70}}, {0.9f, 0.8f, 0.3f}),
            100,
            100,
            1);
  const ProbeResult result = tally.result();
  ASSERT_EQ(result.crown_px.size(), 1u);
  EXPECT_NEAR(result.crown_px[0], 400, 45);
  EXPECT_NEAR(result.score_sum, 0.9, 1e-6);
  EXPECT_NEAR(result.covered, 0.08, 0.01);
}

TEST(Probe, cover_is_over_the_pixels_with_data_of_all_places) {
  ProbeTally tally(0.5);
  EXPECT_EQ(tally.result().covered, 0);
  tally.add(squares({{10, 10, 30, 30}}, {0.9f}), 100, 100, 0.5);
  EXPECT_NEAR(tally.result().covered, 0.08, 0.01);
  tally.add(squares({{10, 10, 30, 30}}, {0.9f}), 100, 100, 0.5);
  EXPECT_EQ(tally.result().crown_px.size(), 2u);
  EXPECT_NEAR(tally.result().covered, 0.08, 0.01);
}

}  // namespace
}  // namespace canopy
