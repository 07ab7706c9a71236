// SPDX-License-Identifier: Apache-2.0
#include "nn/working_resolution.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

/// A network that knows crowns of about 1,600 px: the further a size is from that, the fewer it
/// finds.
Probe orchard_of(double crown_area_m2) {
  return [crown_area_m2](double gsd_m) {
    const double px = crown_area_m2 / (gsd_m * gsd_m);
    const double seen = std::exp(-std::pow(std::log2(px / 1600) / 2, 2));
    ProbeResult result;
    const int count = static_cast<int>(40 * seen);
    result.crown_px.assign(static_cast<std::size_t>(count), px);
    result.score_sum = count * 0.9;
    result.covered = 0.3 * count / 40;
    return result;
  };
}

TEST(WorkingResolution, crowns_of_any_size_come_out_at_the_size_the_network_knows) {
  for (const double area : {0.2, 2.0, 12.0, 60.0, 400.0}) {
    const auto found =
        choose_working_resolution(orchard_of(area), {0.02, 0.05, 0.1, 0.2, 0.5}, 1600, 0.001);
    EXPECT_NEAR(std::log2(found.median_crown_px / 1600), 0, 0.5) << area;
  }
}

/// Sparse vines of 0.25 m2, and a barn among them that looks like one crown from far away.
ProbeResult vines_and_a_barn(double gsd_m) {
  if (gsd_m < 0.1) {
    ProbeResult vines = orchard_of(0.25)(gsd_m);
    vines.covered *= 0.2;
    return vines;
  }
  ProbeResult barn;
  barn.crown_px = {1600};
  barn.score_sum = 0.99;
  barn.covered = 0.95;
  return barn;
}

TEST(WorkingResolution, one_wide_crown_does_not_outweigh_many_small_ones) {
  const std::vector<double> ladder = {0.01, 0.02, 0.04, 0.08, 0.16};
  EXPECT_LT(choose_working_resolution(vines_and_a_barn, ladder, 1600, 0.005).gsd_m, 0.05);
  EXPECT_EQ(choose_working_resolution(vines_and_a_barn, {0.16, 0.32}, 1600, 0.005).gsd_m, 0.16)
      << "where nothing else is found, one crown is what there is";
}

TEST(WorkingResolution, is_never_finer_than_the_picture_can_bear) {
  EXPECT_GE(choose_working_resolution(orchard_of(0.2), {0.05, 0.1}, 1600, 0.04).gsd_m, 0.04);
}

TEST(WorkingResolution, a_mosaic_without_crowns_says_so) {
  const auto found =
      choose_working_resolution([](double) { return ProbeResult{}; }, {0.05, 0.1, 0.2}, 1600, 0.01);
  EXPECT_EQ(found.gsd_m, 0.1);
  EXPECT_EQ(found.reason, "no crown was found in the probes");
  EXPECT_THROW(choose_working_resolution(orchard_of(1), {}, 1600, 0.01), Error);
}

}  // namespace
}  // namespace canopy
