// SPDX-License-Identifier: Apache-2.0
#include "train/source_zoom.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/test_tile.h"
#include "nn/bands.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

ModelInfo trained_between(double low, double high) {
  ModelInfo info;
  info.crown_px_median = 1600;
  for (int i = 0; i <= 8; ++i) info.trained_gsd_m.push_back(low * std::pow(high / low, i / 8.0));
  return info;
}

/// A model that finds all of `count` crowns at the size it knows, and fewer the further they are
/// from it.
Look crowns_of(double area_px, int count, std::vector<double>* zooms = nullptr) {
  return [=](double zoom) {
    if (zooms) zooms->push_back(zoom);
    const double px = area_px * zoom * zoom, octaves = std::log2(px / 1600) / 2;
    ProbeResult result;
    result.crown_px.assign(static_cast<std::size_t>(count * std::exp(-octaves * octaves)), px);
    result.score_sum = 0.9 * static_cast<double>(result.crown_px.size());
    result.covered = 0.3 * static_cast<double>(result.crown_px.size()) / count;
    return result;
  };
}

TEST(SourceZoom, the_trained_zoom_stays_in_the_middle_half_of_what_was_trained) {
  ModelInfo info;
  EXPECT_EQ(trained_zoom(info, 0.1), 1);
  info.trained_gsd_m = {0.02, 0.05, 0.1, 0.15, 0.4};
  EXPECT_DOUBLE_EQ(trained_zoom(info, 0.1), 1);
  EXPECT_DOUBLE_EQ(trained_zoom(info, 0.3), 2);
  EXPECT_DOUBLE_EQ(trained_zoom(info, 0.025), 0.5);
  EXPECT_EQ(trained_zoom(info, 0), 1);
}

TEST(SourceZoom, vines_and_giants_come_out_at_the_size_that_the_model_knows) {
  const ModelInfo info = trained_between(0.02, 0.15);
  // Vines at 1.5 cm, shrubs, walnuts at 12 cm, giants at 5 cm.
  for (const auto& [gsd_m, area_px] : std::vector<std::pair<double, double>>{
           {0.015, 870}, {0.05, 300}, {0.12, 6000}, {0.05, 100'000}}) {
    const double zoom = source_zoom(info, gsd_m, 8, crowns_of(area_px, 40));
    EXPECT_NEAR(std::log2(area_px * zoom * zoom / 1600) / 2, 0, 0.25) << area_px;
  }
}

TEST(SourceZoom, is_never_more_than_a_look_can_hold) {
  std::vector<double> zooms;
  const double zoom = source_zoom(trained_between(0.02, 0.15), 0.6, 3, crowns_of(40, 40, &zooms));
  EXPECT_LE(zoom, 3);
  EXPECT_THAT(zooms, ::testing::Each(::testing::Le(3.0001)));
}

TEST(SourceZoom, too_few_crowns_leave_the_trained_zoom) {
  const ModelInfo info = trained_between(0.05, 0.1);
  EXPECT_EQ(source_zoom(info, 0.2, 8, crowns_of(100, 4)), trained_zoom(info, 0.2));
  EXPECT_EQ(source_zoom(info, 0.2, 8, [](double) { return ProbeResult{}; }),
            trained_zoom(info, 0.2));
  EXPECT_EQ(source_zoom(info, 0.2, 1.5, [](double) { return ProbeResult{}; }), 1.5);
}

TEST(SourceZoom, a_tile_of_unknown_resolution_is_looked_at_from_half_to_double_size) {
  std::vector<double> zooms;
  source_zoom(trained_between(0.05, 0.1), 0, 8, [&](double zoom) {
    zooms.push_back(zoom);
    return ProbeResult{};
  });
  EXPECT_THAT(zooms, ::testing::UnorderedElementsAre(0.5, 1, 2));
}

TEST(SourceZoom, large_tiles_are_looked_at_in_their_corners_and_nodata_is_passed_over) {
  ModelInfo info;
  info.config = tiny_options().network;
  info.bands.assign(kModelBands.begin(), kModelBands.end());
  const Model model{info, MaskRcnn(info.config, 1)};
  Example tile = tile_of_crowns(96, 4, 1);
  EXPECT_EQ(most_zoom_of(tile), 8);
  const ProbeResult seen = look_at(model, {tile}, 6);  // 576 px: four places
  EXPECT_GE(seen.covered, 0);
  tile.valid.assign(96 * 96, false);
  EXPECT_TRUE(look_at(model, {tile}, 1).crown_px.empty());
  tile.width = 1014;
  EXPECT_NEAR(most_zoom_of(tile), 2.52, 0.01);
}

}  // namespace
}  // namespace canopy
