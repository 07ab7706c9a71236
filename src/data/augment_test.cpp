// SPDX-License-Identifier: Apache-2.0
#include "data/augment.h"

#include <array>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

constexpr std::array<bool, 5> kAll = {true, true, true, true, true};

TEST(Augment, gain_and_offset_act_on_display_units) {
  const Normalisation normalisation;
  const AffineNormalisation affine{2, -1};  // display = raw, since mean and sd are 0.5
  const AffineNormalisation brighter = with_gain(normalisation, 0, affine, {false, 1.5f, 0.1f});
  const double display = 0.4 * 1.5 + 0.1;
  EXPECT_NEAR(0.4 * brighter.factor + brighter.shift, (display - 0.5) / 0.5, 1e-6);
}

TEST(Augment, bands_are_dropped_as_often_as_asked_and_never_all) {
  AugmentOptions options;
  options.band_dropout = 0.4;
  int dropped = 0, visible = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Random random(i);
    const Augmentation drawn = draw_augmentation(options, kAll, 64, random);
    dropped += drawn.bands[3].is_dropped || drawn.bands[4].is_dropped;
    visible += drawn.bands[0].is_dropped + drawn.bands[1].is_dropped + drawn.bands[2].is_dropped;
  }
  EXPECT_NEAR(dropped / 2000.0, 0.4, 0.04);
  EXPECT_EQ(visible, 0);
  const std::array<bool, 5> only_infrared = {false, false, false, true, true};
  for (std::uint64_t i = 0; i < 100; ++i) {
    Random random(i);
    const Augmentation drawn = draw_augmentation(options, only_infrared, 64, random);
    EXPECT_FALSE(drawn.bands[3].is_dropped || drawn.bands[4].is_dropped);
  }
}

TEST(Augment, the_same_draw_gives_the_same_change) {
  Random a(7), b(7);
  const Augmentation first = draw_augmentation({}, kAll, 64, a),
                     second = draw_augmentation({}, kAll, 64, b);
  EXPECT_EQ(first.bands[2].gain, second.bands[2].gain);
  EXPECT_EQ(first.shadow_at, second.shadow_at);
}

TEST(Augment, blur_keeps_the_mean_and_lowers_the_contrast) {
  Augmentation blurred;
  blurred.is_blurred = true;
  std::vector<float> plane(64 * 64);
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = (i + i / 64) % 2 == 0 ? 1.0f : -1.0f;
  finish_plane(blurred, {}, 0, 64, plane.data());
  for (std::size_t y = 1; y < 63; ++y)
    for (std::size_t x = 1; x < 63; ++x) ASSERT_NEAR(plane[y * 64 + x], 0, 1e-6);
  std::vector<float> flat(64 * 64, 0.25f);
  finish_plane(blurred, {}, 0, 64, flat.data());
  for (const float v : flat) ASSERT_NEAR(v, 0.25f, 1e-6);
}

TEST(Augment, a_shadow_darkens_one_side_only) {
  Augmentation shaded;
  shaded.has_shadow = true;
  shaded.shadow_at = 32;
  shaded.shadow_gain = 0.5f;
  std::vector<float> plane(64 * 64, 0);  // display 0.5
  finish_plane(shaded, {}, 0, 64, plane.data());
  EXPECT_EQ(plane[10], 0);
  EXPECT_NEAR(plane[60], -0.5, 1e-6);  // display 0.25
}

TEST(Augment, impossible_options_are_refused) {
  AugmentOptions options;
  options.brightness = -1;
  EXPECT_THROW(options.validate(), Error);
  options = {};
  options.contrast = 1;
  EXPECT_THROW(options.validate(), Error);
  options = {};
  options.shadow = 1.1;
  EXPECT_THROW(options.validate(), Error);
}

}  // namespace
}  // namespace canopy
