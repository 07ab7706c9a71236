// SPDX-License-Identifier: Apache-2.0
#include "orchard/sensor.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

SensorPlan ideal() {
  SensorPlan plan;
  plan.drift = plan.seam = plan.noise = plan.grain = 0;
  return plan;
}

Radiance level(const Sensor& sensor, const Window& window, float value) {
  Radiance scene{grown(window, sensor.margin_px()), {}};
  scene.pixels.assign(static_cast<std::size_t>(scene.window.area()),
                      {value, value, value, value, value});
  return scene;
}

constexpr Window kWindow = {0, 0, 64, 64};

TEST(Sensor, an_ideal_one_keeps_the_reflectance) {
  const Sensor sensor(ideal());
  for (const auto value : sensor.expose(kWindow, level(sensor, kWindow, 0.25f)))
    EXPECT_NEAR(value, 2500, 1);
}

TEST(Sensor, the_lens_spreads_a_point_and_keeps_its_light) {
  const Sensor sensor(ideal());
  Radiance scene = level(sensor, kWindow, 0);
  scene.pixels[static_cast<std::size_t>((32 + sensor.margin_px()) * scene.window.width + 32 +
                                        sensor.margin_px())] = {1, 1, 1, 1, 1};
  const auto planes = sensor.expose(kWindow, scene);
  double sum = 0;
  for (std::size_t i = 0; i < 64 * 64; ++i) sum += planes[i] > 1 ? planes[i] : 0;
  EXPECT_NEAR(sum, 10000, 40);
  EXPECT_LT(planes[32 * 64 + 32], 7000);
  EXPECT_GT(planes[32 * 64 + 33], 300);
}

TEST(Sensor, noise_has_the_deviation_of_the_plan) {
  SensorPlan plan = ideal();
  plan.noise = 0.004;
  const Sensor sensor(plan);
  const auto planes = sensor.expose(kWindow, level(sensor, kWindow, 0.2f));
  double sum = 0, squares = 0;
  for (const auto value : planes) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const double n = static_cast<double>(planes.size()), mean = sum / n;
  EXPECT_NEAR(mean, 2000, 2);
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean), 40, 2);
}

TEST(Sensor, a_net_takes_contrast_away) {
  SensorPlan plan = ideal();
  plan.net_dim = 0.6;
  plan.net_veil = 0.04;
  const Sensor sensor(plan);
  const auto dark = sensor.expose(kWindow, level(sensor, kWindow, 0.02f));
  const auto bright = sensor.expose(kWindow, level(sensor, kWindow, 0.30f));
  EXPECT_GT(dark[0], 400);
  EXPECT_LT(bright[0], 2600);
}

TEST(Sensor, a_scene_without_its_margin_is_a_bug) {
  const Sensor sensor(ideal());
  Radiance scene{kWindow, std::vector<Spectrum>(64 * 64)};
  EXPECT_THROW(sensor.expose(kWindow, scene), Error);
}

}  // namespace
}  // namespace canopy
