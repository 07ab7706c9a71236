// SPDX-License-Identifier: Apache-2.0
#include "orchard/light.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(Light, level_open_ground_gets_one_in_every_band) {
  const Light light(140, 45, 0.1);
  for (const float value : light.total(light.sun_on(0, 0, 0.2f), 1)) EXPECT_NEAR(value, 1, 1e-6);
}

TEST(Light, shade_is_dark_and_bluish) {
  const Spectrum shade = Light(140, 45, 0).total(0, 1);
  EXPECT_LT(shade[kBlue], 0.5);
  EXPECT_GT(shade[kBlue], 1.5 * shade[kRed]);
  EXPECT_GT(shade[kRed], shade[kNir]);
}

TEST(Light, slopes_toward_the_sun_are_brighter) {
  const Light from_east(90, 40, 0);
  EXPECT_GT(from_east.sun_on(-0.5f, 0, 0.1f), 1);  // falls to the east: faces the sun
  EXPECT_LT(from_east.sun_on(0.5f, 0, 0.1f), 1);
  EXPECT_NEAR(from_east.toward_x(), 1, 1e-6);
}

}  // namespace
}  // namespace canopy
