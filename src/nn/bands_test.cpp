// SPDX-License-Identifier: Apache-2.0
#include "nn/bands.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(Bands, places_follow_the_models_order_and_missing_bands_have_none) {
  const auto places = places_of_model_bands({"red", "green", "blue", "nir", "thermal"});
  ASSERT_EQ(places.size(), 5u);
  EXPECT_EQ(places[0], 2);
  EXPECT_EQ(places[1], 1);
  EXPECT_EQ(places[2], 0);
  EXPECT_FALSE(places[3].has_value());
  EXPECT_EQ(places[4], 3);
}

}  // namespace
}  // namespace canopy
