// SPDX-License-Identifier: Apache-2.0
#include "predict/mosaic.h"

#include <unistd.h>

#include <algorithm>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "geo/raster_writer.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

class MosaicTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("canopy_mosaic_" + std::to_string(::getpid()));
    // Reflectance rises by 100 a column in red and by 100 a row in nir; the last column has no
    // data.
    RasterSpec spec;
    spec.width = spec.height = 40;
    spec.bands = {"red", "nir"};
    spec.crs = "EPSG:32734";
    spec.world_from_pixel.t = {300000, 0.1, 0, 6240000, 0, -0.1};
    spec.has_nodata = true;
    RasterWriter writer(folder_ / "m.tif", spec);
    std::vector<std::uint16_t> samples(2 * 40 * 40);
    for (std::size_t y = 0; y < 40; ++y)
      for (std::size_t x = 0; x < 39; ++x) {
        samples[y * 40 + x] = static_cast<std::uint16_t>(1000 + 100 * x);
        samples[1600 + y * 40 + x] = static_cast<std::uint16_t>(1000 + 100 * y);
      }
    writer.write({0, 0, 40, 40}, samples.data());
    writer.finish();
    info_.bands = {"blue", "green", "red", "red_edge", "nir"};
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// What `reflectance` becomes in a channel.
  float expected(int channel, double reflectance) const {
    const auto rule = normalise_plane(info_.normalisation, channel, "uint16", 0, 0);
    return static_cast<float>(reflectance * 10'000) * rule.factor + rule.shift;
  }

  fs::path folder_;
  ModelInfo info_;
};

TEST_F(MosaicTest, at_its_own_resolution_samples_are_normalised_and_missing_bands_are_zero) {
  const Raster raster = Raster::open(folder_ / "m.tif");
  const MosaicTile tile = Mosaic(raster, info_, 0.1).read({0, 0, 32, 32});
  EXPECT_NEAR(tile.planes[0][2][5][7].item<float>(), expected(2, 0.17), 1e-5);
  EXPECT_NEAR(tile.planes[0][4][5][7].item<float>(), expected(4, 0.15), 1e-5);
  EXPECT_EQ(tile.planes[0][0].abs().max().item<float>(), 0);
  EXPECT_EQ(tile.valid_fraction, 1);
}

TEST_F(MosaicTest, a_coarser_grid_averages_the_ground_it_covers) {
  const Raster raster = Raster::open(folder_ / "m.tif");
  for (const double gsd : {0.15, 0.2, 0.25, 0.4}) {
    const Mosaic mosaic(raster, info_, gsd);
    const MosaicTile tile = mosaic.read({0, 0, mosaic.width(), mosaic.height()});
    // Column 3 covers source columns [3f, 4f), each as far as it lies within.
    const double begin = 3 * gsd / 0.1, end = 4 * gsd / 0.1;
    double column = 0;
    for (int x = 0; x < 40; ++x)
      column +=
          x * std::max(0.0, std::min(end, x + 1.0) - std::max<double>(begin, x)) / (end - begin);
    EXPECT_NEAR(tile.planes[0][2][2][3].item<float>(), expected(2, 0.1 + 0.01 * column), 2e-4)
        << gsd;
  }
}

TEST_F(MosaicTest, a_finer_grid_interpolates) {
  const Raster raster = Raster::open(folder_ / "m.tif");
  const Mosaic mosaic(raster, info_, 0.05);
  EXPECT_EQ(mosaic.width(), 80);
  const MosaicTile tile = mosaic.read({0, 0, 64, 64});
  EXPECT_NEAR(
      tile.planes[0][2][20][21].item<float>(), expected(2, 0.1 + 0.01 * (21.5 / 2 - 0.5)), 2e-4);
}

TEST_F(MosaicTest, pixels_without_data_and_beyond_the_picture_are_invalid_zeros) {
  const Raster raster = Raster::open(folder_ / "m.tif");
  const MosaicTile tile = Mosaic(raster, info_, 0.1).read({30, 30, 32, 32});
  EXPECT_EQ(tile.valid[8], 1);
  EXPECT_EQ(tile.valid[9], 0);   // column 39
  EXPECT_EQ(tile.valid[10], 0);  // beyond
  EXPECT_EQ(tile.planes[0][2][0][9].item<float>(), 0);
  EXPECT_NEAR(tile.valid_fraction, 9.0 * 10 / (32 * 32), 1e-9);
}

TEST_F(MosaicTest, windows_of_one_grid_agree_where_they_overlap) {
  const Raster raster = Raster::open(folder_ / "m.tif");
  const Mosaic mosaic(raster, info_, 0.13);
  const auto a = mosaic.read({0, 0, 24, 24}).planes, b = mosaic.read({5, 7, 16, 16}).planes;
  EXPECT_TRUE(at::allclose(a.slice(2, 7, 23).slice(3, 5, 21), b, 1e-4, 1e-4));
}

TEST_F(MosaicTest, a_mosaic_without_any_band_of_the_model_is_refused) {
  const Raster raster = Raster::open(folder_ / "m.tif");
  info_.bands = {"blue", "green"};
  EXPECT_THROW(Mosaic(raster, info_, 0.1), Error);
  info_.bands = {"red"};
  EXPECT_THROW(Mosaic(raster, info_, 0), Error);
}

}  // namespace
}  // namespace canopy
