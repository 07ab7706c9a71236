// SPDX-License-Identifier: Apache-2.0
#include "ingest/tile_statistics.h"

#include <bit>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

/// 64 x 64, red and nir; two crowns of 8 x 8 that touch, one of 4 x 4 at the edge.
Example drawn() {
  Example e;
  e.width = e.height = 64;
  e.bands = {"red", "nir"};
  e.types.assign(2, SampleType::UInt16);
  e.gsd_m = 0.5;
  for (int band = 0; band < 2; ++band) {
    std::vector<std::uint16_t> samples;
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x)
        samples.push_back(static_cast<std::uint16_t>(1000 + 2000 * band + 10 * x +
                                                     300 * value_noise(4, x / 2.0, y / 2.0)));
    e.planes.emplace_back(8192);
    std::memcpy(e.planes.back().data(), samples.data(), 8192);
  }
  e.kind = LabelKind::Mask;
  e.id_map.assign(4096, 0);
  const auto crown = [&](int x0, int y0, int size, ObjectClass label) {
    e.objects.push_back({static_cast<float>(x0),
                         static_cast<float>(y0),
                         static_cast<float>(x0 + size),
                         static_cast<float>(y0 + size),
                         label,
                         false});
    for (int y = y0; y < y0 + size; ++y)
      for (int x = x0; x < x0 + size; ++x)
        e.id_map[static_cast<std::size_t>(64 * y + x)] =
            static_cast<std::uint16_t>(e.objects.size());
  };
  crown(10, 10, 8, ObjectClass::Tree);
  crown(18, 10, 8, ObjectClass::DeadTree);
  crown(0, 40, 4, ObjectClass::Tree);
  return e;
}

TileRow row_of(const Example& e) {
  TileRow row;
  fill_statistics(e, row);
  return row;
}

TEST(TileStatistics, trees_are_counted_and_measured) {
  const TileRow row = row_of(drawn());
  EXPECT_EQ(row.tree_count, 2);
  EXPECT_EQ(row.dead_count, 1);
  EXPECT_TRUE(row.cut_by_edge);
  EXPECT_DOUBLE_EQ(row.canopy_fraction, 144.0 / 4096);
  EXPECT_DOUBLE_EQ(row.crown_px_median, 64) << "the crown that the edge cuts does not count";
  EXPECT_DOUBLE_EQ(row.crown_area_m2_min, 16);
  EXPECT_DOUBLE_EQ(row.crown_area_m2_max, 16);
  EXPECT_DOUBLE_EQ(row.touching_fraction, 2.0 / 3);
  EXPECT_DOUBLE_EQ(row.spacing_m_median, 4);
}

TEST(TileStatistics, bands_and_indices_are_averaged_in_the_files_own_units) {
  Example e = drawn();
  e.scale = {1e-4F, 1e-4F};
  e.offset = {0, 0};
  const TileRow row = row_of(e);
  EXPECT_NEAR(row.band_mean.at("red"), 0.1315, 0.004);
  EXPECT_GT(row.band_sd.at("red"), 0.01);
  EXPECT_NEAR(row.ndvi_mean, 2000.0 / 4640, 0.02);
  EXPECT_TRUE(std::isnan(row.ndre_mean)) << "there is no red edge";
  EXPECT_EQ(row.bands, "red,nir");
  EXPECT_EQ(row.dtype, "uint16");
  EXPECT_EQ(row.saturated_fraction, 0);
}

TEST(TileStatistics, only_valid_pixels_count) {
  Example e = drawn();
  e.valid.assign(4096, true);
  for (std::size_t i = 0; i < 2048; ++i) {
    e.valid[i] = false;
    e.planes[0][2 * i] = e.planes[0][2 * i + 1] = 255;
  }
  const TileRow row = row_of(e);
  EXPECT_DOUBLE_EQ(row.valid_fraction, 0.5);
  EXPECT_LT(row.band_mean.at("red"), 2000);
  EXPECT_EQ(row.saturated_fraction, 0);
  std::fill(e.valid.begin(), e.valid.end(), true);
  EXPECT_DOUBLE_EQ(row_of(e).saturated_fraction, 0.5);
}

TEST(TileStatistics, blur_lowers_sharpness_and_exposure_does_not_change_it) {
  const Example e = drawn();
  Example brighter = e, blurred = e;
  std::vector<std::uint16_t> samples(4096), smooth(4096);
  std::memcpy(samples.data(), e.planes[0].data(), 8192);
  for (std::size_t i = 0; i < 4096; ++i)
    smooth[i] = static_cast<std::uint16_t>(
        i < 65 || i > 4030
            ? samples[i]
            : (samples[i - 1] + samples[i] + samples[i + 1] + samples[i - 64] + samples[i + 64]) /
                  5);
  std::memcpy(blurred.planes[0].data(), smooth.data(), 8192);
  for (auto& s : samples) s = static_cast<std::uint16_t>(3 * s);
  std::memcpy(brighter.planes[0].data(), samples.data(), 8192);
  EXPECT_LT(row_of(blurred).sharpness, 0.5 * row_of(e).sharpness);
  EXPECT_NEAR(row_of(brighter).sharpness, row_of(e).sharpness, 1e-3 * row_of(e).sharpness);
}

TEST(TileStatistics, the_hash_of_near_duplicates_differs_in_few_bits) {
  const auto picture = [](std::uint64_t seed, int noise) {
    Example e = drawn();
    std::vector<std::uint16_t> samples;
    Random random(seed, 1);
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x)
        samples.push_back(static_cast<std::uint16_t>(
            3000 + 1500 * fractal_noise(seed, x / 20.0, y / 20.0, 3) + noise * random.uniform()));
    std::memcpy(e.planes[0].data(), samples.data(), 8192);
    return row_of(e).phash;
  };
  EXPECT_LE(std::popcount(picture(1, 0) ^ picture(1, 100)), 6);
  EXPECT_GE(std::popcount(picture(1, 0) ^ picture(2, 0)), 16);
}

TEST(TileStatistics, boxes_points_and_empty_tiles_say_what_they_can) {
  Example e = drawn();
  e.kind = LabelKind::Box;
  e.id_map.clear();
  e.objects[1].xmin = 17;
  TileRow row = row_of(e);
  EXPECT_TRUE(std::isnan(row.canopy_fraction));
  EXPECT_NEAR(row.crown_area_m2_min, 16 * std::numbers::pi / 4, 1e-9);
  EXPECT_DOUBLE_EQ(row.touching_fraction, 2.0 / 3);
  e.kind = LabelKind::Point;
  row = row_of(e);
  EXPECT_TRUE(std::isnan(row.crown_px_median));
  EXPECT_EQ(row.tree_count, 2);
  e.kind = LabelKind::None;
  e.objects.clear();
  e.gsd_m = 0;
  row = row_of(e);
  EXPECT_EQ(row.tree_count + row.dead_count, 0);
  EXPECT_TRUE(std::isnan(row.gsd_m));
  EXPECT_TRUE(std::isnan(row.spacing_m_median));
  EXPECT_FALSE(row.cut_by_edge);
}

}  // namespace
}  // namespace canopy
