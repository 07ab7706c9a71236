// SPDX-License-Identifier: Apache-2.0
#include "data/resample.h"

#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

using ::testing::ElementsAre;

template <class Sample>
Example tile_of(int width, int height, SampleType type, const std::vector<Sample>& samples) {
  Example example;
  example.width = width;
  example.height = height;
  example.bands = {"red"};
  example.types = {type};
  std::vector<std::uint8_t> bytes(samples.size() * sizeof(Sample));
  std::memcpy(bytes.data(), samples.data(), bytes.size());
  example.planes = {bytes};
  return example;
}

std::vector<float> resampled(const Example& example, const Placement& placement) {
  std::vector<float> out(static_cast<std::size_t>(placement.width) * placement.height, -1);
  resample_plane(example, 0, placement, 1, 0, out.data());
  return out;
}

TEST(Resample, at_zoom_one_pixels_come_as_they_are) {
  const auto tile = tile_of<std::uint8_t>(3, 2, SampleType::UInt8, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(resampled(tile, {.zoom = 1, .width = 3, .height = 2}), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(resampled(tile, {.x0 = 1, .y0 = 1, .zoom = 1, .width = 2, .height = 1}),
              ElementsAre(5, 6));
  EXPECT_THAT(resampled(tile, {.x0 = -1, .zoom = 1, .width = 5, .height = 1}),
              ElementsAre(1, 1, 2, 3, 3))
      << "outside, the edge is continued";
}

TEST(Resample, between_pixels_it_is_linear) {
  const auto tile = tile_of<std::uint16_t>(4, 1, SampleType::UInt16, {0, 400, 800, 1200});
  EXPECT_THAT(resampled(tile, {.x0 = 1, .zoom = 2, .width = 4, .height = 1}),
              ElementsAre(300, 500, 700, 900));
}

TEST(Resample, shrinking_averages_all_that_is_covered) {
  const auto tile = tile_of<std::uint8_t>(8,
                                          2,
                                          SampleType::UInt8,
                                          {0,
                                           10,
                                           20,
                                           30,
                                           40,
                                           50,
                                           60,
                                           70,  //
                                           0,
                                           10,
                                           20,
                                           30,
                                           40,
                                           50,
                                           60,
                                           70});
  EXPECT_THAT(resampled(tile, {.zoom = 0.25, .width = 2, .height = 1}), ElementsAre(15, 55));
}

TEST(Resample, a_plane_of_one_value_keeps_it_at_every_zoom) {
  const auto tile =
      tile_of<std::uint8_t>(30, 20, SampleType::UInt8, std::vector<std::uint8_t>(600, 77));
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    const Placement placement{.x0 = random.uniform(-20, 20),
                              .y0 = random.uniform(-20, 20),
                              .zoom = random.uniform(0.1, 4),
                              .width = 16,
                              .height = 16,
                              .turn = static_cast<int>(random.below(8))};
    for (const float v : resampled(tile, placement)) ASSERT_NEAR(v, 77, 1e-3);
  }
}

TEST(Resample, a_ramp_stays_where_it_is_on_the_ground) {
  // f(x) = x at pixel centres: the crop must read the tile coordinate of each of its pixels.
  std::vector<float> ramp(100 * 4);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i % 100) + 0.5f;
  const auto tile = tile_of<float>(100, 4, SampleType::Float32, ramp);
  for (const double zoom : {0.3, 0.6, 0.9, 1.0, 1.7, 3.3}) {
    const Placement placement{.x0 = 20.25, .zoom = zoom, .width = 12, .height = 4};
    const auto out = resampled(tile, placement);
    // A pixel's area holds one value, so an average of areas follows the ramp to 1/8 of a pixel
    // over the step.
    const double tolerance = zoom < 2.0 / 3 ? zoom / 8 : 1e-3;
    for (int u = 0; u < 12; ++u) EXPECT_NEAR(out[u], 20.25 + (u + 0.5) / zoom, tolerance) << zoom;
  }
}

TEST(Resample, a_quarter_turn_sends_the_top_right_corner_to_the_bottom_right) {
  const auto tile = tile_of<std::uint8_t>(2, 2, SampleType::UInt8, {1, 2, 3, 4});
  const auto turned = [&](int turn) {
    return resampled(tile, {.zoom = 1, .width = 2, .height = 2, .turn = turn});
  };
  EXPECT_THAT(turned(1), ElementsAre(2, 1, 4, 3));
  EXPECT_THAT(turned(2), ElementsAre(3, 1, 4, 2));
  EXPECT_THAT(turned(4), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(turned(6), ElementsAre(2, 4, 1, 3));
  EXPECT_THAT(turned(3), ElementsAre(4, 2, 3, 1));
}

TEST(Resample, invalid_samples_do_not_bleed) {
  auto tile = tile_of<std::uint16_t>(4, 1, SampleType::UInt16, {65535, 100, 65535, 65535});
  tile.valid = {false, true, false, false};
  EXPECT_THAT(resampled(tile, {.zoom = 2, .width = 8, .height = 1}), ::testing::Each(100));
  const auto holes = tile_of<float>(3, 1, SampleType::Float32, {NAN, 5, INFINITY});
  EXPECT_THAT(resampled(holes, {.zoom = 1, .width = 3, .height = 1}), ElementsAre(5, 5, 5));
}

TEST(Resample, nearest_pixels_are_minus_one_outside) {
  const Placement placement{.x0 = -1, .y0 = 1.5, .zoom = 2, .width = 6, .height = 3};
  EXPECT_THAT(nearest_columns(placement, 2), ElementsAre(-1, -1, 0, 0, 1, 1));
  EXPECT_THAT(nearest_rows(placement, 3), ElementsAre(1, 2, 2));
}

}  // namespace
}  // namespace canopy
