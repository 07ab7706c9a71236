// SPDX-License-Identifier: Apache-2.0
#include "orchard/synthetic_orchard.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/options.h"
#include "orchard/spectra.h"

namespace canopy {
namespace {

SyntheticOrchard small(const std::string& preset, std::int64_t seed = 1) {
  return SyntheticOrchard({.preset = preset, .seed = seed, .width_m = 40, .height_m = 36});
}

void expect_same_pixel(const SyntheticTile& a,
                       std::size_t i,
                       const SyntheticTile& b,
                       std::size_t k) {
  ASSERT_EQ(a.id_map[i], b.id_map[k]);
  ASSERT_EQ(a.dsm_m[i], b.dsm_m[k]);
  ASSERT_EQ(a.dtm_m[i], b.dtm_m[k]);
  for (std::size_t band = 0; band < kBands; ++band)
    ASSERT_EQ(a.planes[band * a.id_map.size() + i], b.planes[band * b.id_map.size() + k]);
}

TEST(SyntheticOrchard, windows_of_any_size_fit_together_bit_for_bit) {
  for (const std::string& preset : synthetic_presets()) {
    const SyntheticOrchard orchard = small(preset);
    const SyntheticTile whole = orchard.render({0, 0, orchard.width_px(), orchard.height_px()});
    for (const Window& window : {Window{0, 0, 1, 1},
                                 Window{97, 33, 150, 61},
                                 Window{380, 340, 20, 20},
                                 Window{13, 200, 387, 7}}) {
      const SyntheticTile part = orchard.render(window);
      std::size_t k = 0;
      for (std::int64_t y = window.y; y < window.y_end(); ++y)
        for (std::int64_t x = window.x; x < window.x_end(); ++x, ++k)
          ASSERT_NO_FATAL_FAILURE(
              expect_same_pixel(whole, static_cast<std::size_t>(y * whole.width + x), part, k))
              << preset << " at " << x << ", " << y;
    }
  }
}

TEST(SyntheticOrchard, the_land_goes_on_beyond_its_edge) {
  const SyntheticOrchard orchard = small("square");
  const SyntheticTile beyond = orchard.render({-30, -30, 60, 60}),
                      corner = orchard.render({0, 0, 30, 30});
  for (std::size_t y = 0; y < 30; ++y)
    for (std::size_t x = 0; x < 30; ++x)
      ASSERT_NO_FATAL_FAILURE(
          expect_same_pixel(beyond, (y + 30) * 60 + x + 30, corner, y * 30 + x));
}

TEST(SyntheticOrchard, the_same_seed_is_the_same_orchard_and_another_is_another) {
  for (const std::string& preset : synthetic_presets()) {
    const Window window{100, 100, 64, 64};
    const auto once = small(preset).render(window), again = small(preset).render(window);
    EXPECT_EQ(once.planes, again.planes);
    EXPECT_EQ(once.id_map, again.id_map);
    EXPECT_NE(once.planes, small(preset, 2).render(window).planes) << preset;
  }
}

TEST(SyntheticOrchard, presets_differ_under_one_seed) {
  std::set<std::vector<std::uint16_t>> pictures;
  for (const std::string& preset : synthetic_presets())
    pictures.insert(small(preset).render({50, 50, 40, 40}).planes);
  EXPECT_EQ(pictures.size(), synthetic_presets().size());
  EXPECT_EQ(pictures.size(), 12u);
}

TEST(SyntheticOrchard, crowns_stand_above_the_ground_and_nothing_else_does) {
  const SyntheticTile tile = small("citrus").render({0, 0, 400, 360});
  for (std::size_t i = 0; i < tile.id_map.size(); ++i) {
    const float height = tile.dsm_m[i] - tile.dtm_m[i];
    if (tile.id_map[i] == 0) {
      ASSERT_EQ(height, 0);
    } else {
      ASSERT_GT(height, 0.1f);
    }
  }
}

TEST(SyntheticOrchard, ids_are_those_of_its_trees) {
  const SyntheticOrchard orchard = small("walnuts");
  const SyntheticTile tile = orchard.render({0, 0, 400, 360});
  EXPECT_LE(*std::ranges::max_element(tile.id_map), orchard.trees().size());
  EXPECT_GT(std::ranges::count(tile.id_map, 0u), 0);
}

TEST(SyntheticOrchard, healthy_crowns_are_greener_than_sick_ones_and_those_than_dead_ones) {
  for (const std::int64_t seed : {1, 2, 3, 4}) {
    const SyntheticOrchard orchard({.preset = "sick", .seed = seed, .width_m = 90, .height_m = 90});
    const SyntheticTile tile = orchard.render({0, 0, 900, 900});
    double sum[3] = {}, count[3] = {};
    const std::size_t area = tile.id_map.size();
    for (std::size_t i = 0; i < area; ++i) {
      if (tile.id_map[i] == 0) continue;
      const SyntheticTree& tree = orchard.trees()[tile.id_map[i] - 1];
      const int group = tree.status == TreeStatus::Dead ? 2 : tree.health < 0.5 ? 1 : 0;
      sum[group] += ndvi_of(tile.planes[kRed * area + i], tile.planes[kNir * area + i]);
      count[group] += 1;
    }
    EXPECT_GT(sum[0] / count[0], sum[1] / count[1] + 0.1) << seed;
    EXPECT_GT(sum[1] / count[1], sum[2] / count[2] + 0.05) << seed;
  }
}

std::string refusal(const SyntheticOptions& options) {
  try {
    SyntheticOrchard orchard(options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  return "";
}

TEST(SyntheticOrchard, a_wrong_option_is_named_with_its_value) {
  EXPECT_NE(refusal({.preset = "walnut"}).find("did you mean 'walnuts'"), std::string::npos);
  EXPECT_NE(refusal({.width_m = 3}).find("width-m is 3"), std::string::npos);
  EXPECT_NE(refusal({.height_m = 1e9}).find("height-m is 1e+09"), std::string::npos);
  EXPECT_NE(refusal({.gsd_m = 0}).find("gsd is 0"), std::string::npos);
  EXPECT_NE(refusal({.gsd_m = std::nan("")}).find("gsd is nan"), std::string::npos);
}

TEST(SyntheticOrchard, an_empty_window_is_refused) {
  EXPECT_THROW(small("square").render({0, 0, 0, 5}), Error);
}

TEST(SyntheticOrchard, its_options_are_described) {
  SyntheticOptions options;
  Fields fields(options);
  fields.set_word("preset=vines");
  fields.set_word("gsd=0.05");
  EXPECT_EQ(options.preset, "vines");
  EXPECT_EQ(options.gsd_m, 0.05);
}

}  // namespace
}  // namespace canopy
