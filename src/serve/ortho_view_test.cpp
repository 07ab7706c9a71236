// SPDX-License-Identifier: Apache-2.0
#include "serve/ortho_view.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "geo/raster_writer.h"

namespace canopy {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::StartsWith;

TEST(OrthoView, a_16_bit_band_is_stretched_between_its_percentiles) {
  std::vector<float> values;
  for (int i = 0; i <= 1000; ++i) values.push_back(static_cast<float>(500 + i));
  values.push_back(NAN);
  const auto view = stretch("nir", "uint16", values);
  EXPECT_NEAR(view.low, 510, 1);
  EXPECT_NEAR(view.high, 1490, 1);
  EXPECT_GT(view.top, 1500);
}

TEST(OrthoView, an_8_bit_band_stays_as_it_was_made_to_be_seen) {
  std::vector<float> values{10, 20};
  const auto view = stretch("red", "uint8", values);
  EXPECT_EQ(view.low, 0);
  EXPECT_EQ(view.high, 255);
  EXPECT_EQ(view.top, 255);
}

TEST(OrthoView, bands_without_contrast_or_values_still_have_a_range) {
  std::vector<float> flat(100, 7.0F), none, zero(5, 0.0F);
  for (auto* values : {&flat, &none, &zero}) {
    const auto view = stretch("red", "float32", *values);
    EXPECT_LT(view.low, view.high);
    EXPECT_LE(view.high, view.top);
  }
}

TEST(OrthoView, tells_place_bands_and_stretch_of_a_written_picture) {
  const std::filesystem::path path = testing::TempDir() + "canopy_ortho_view.tif";
  RasterSpec spec;
  spec.width = 300;
  spec.height = 200;
  spec.bands = {"red", "nir"};
  spec.crs = "EPSG:32734";
  spec.world_from_pixel = {{300'000, 0.1, 0, 6'250'020, 0, -0.1}};
  spec.has_nodata = true;
  std::vector<std::uint16_t> samples(2 * 300 * 200);
  Random random(5);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = i % 300 < 100
                     ? 0
                     : static_cast<std::uint16_t>((i < 60'000 ? 1000 : 4000) + random.below(101));
  RasterWriter writer(path, spec);
  writer.write({0, 0, 300, 200}, samples.data());
  writer.finish();

  const auto view = view_ortho(path, 0);
  EXPECT_EQ(view.width, 300);
  EXPECT_EQ(view.dtype, "uint16");
  EXPECT_EQ(view.crs, "EPSG:32734");
  EXPECT_THAT(view.proj4, StartsWith("+proj=utm +zone=34 +south"));
  EXPECT_THAT(view.extent,
              ElementsAre(DoubleNear(300'000, 1e-6),
                          DoubleNear(6'250'000, 1e-6),
                          DoubleNear(300'030, 1e-6),
                          DoubleNear(6'250'020, 1e-6)));
  ASSERT_EQ(view.bands.size(), 2u);
  EXPECT_EQ(view.bands[0].name, "red");
  EXPECT_NEAR(view.bands[0].low, 1001, 3);  // nodata counts for nothing
  EXPECT_NEAR(view.bands[1].high, 4099, 3);
}

TEST(OrthoView, a_file_that_is_no_picture_is_refused) {
  EXPECT_THROW(view_ortho(testing::TempDir() + "absent.tif", 0), Error);
}

}  // namespace
}  // namespace canopy
