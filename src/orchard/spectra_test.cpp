// SPDX-License-Identifier: Apache-2.0
#include "orchard/spectra.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

double ndvi(const Spectrum& s) { return ndvi_of(s[kRed], s[kNir]); }
double ndre(const Spectrum& s) { return ndre_of(s[kRedEdge], s[kNir]); }

TEST(Spectra, both_indices_fall_with_health_all_the_way) {
  for (int i = 0; i < 20; ++i) {
    const Spectrum worse = leaf_spectrum(i / 20.0), better = leaf_spectrum((i + 1) / 20.0);
    EXPECT_LT(ndvi(worse), ndvi(better));
    EXPECT_LT(ndre(worse), ndre(better));
  }
}

TEST(Spectra, leaves_soil_and_wood_have_the_indices_of_the_field) {
  EXPECT_NEAR(ndvi(leaf_spectrum(1)), 0.85, 0.05);
  EXPECT_NEAR(ndre(leaf_spectrum(1)), 0.33, 0.05);
  EXPECT_LT(ndvi(wood_spectrum()), 0.25);
  for (const double hue : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    EXPECT_GT(ndvi(soil_spectrum(hue)), 0.05);
    EXPECT_LT(ndvi(soil_spectrum(hue)), 0.25);
  }
  EXPECT_GT(ndvi(grass_spectrum(1)), 0.6);
  EXPECT_LT(ndvi(grass_spectrum(0)), 0.3);
}

TEST(Spectra, black_has_index_zero) {
  EXPECT_EQ(ndvi_of(0, 0), 0);
  EXPECT_EQ(ndre_of(0, 0), 0);
}

}  // namespace
}  // namespace canopy
