// SPDX-License-Identifier: Apache-2.0
#include "orchard/sensor.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

constexpr float kScale = 10000;
constexpr float kBrightest = 16000;

/// Nearly normal, mean 0 and standard deviation 1: the sum of four uniform bytes.
float nearly_normal(std::uint32_t bits) {
  const auto sum =
      static_cast<int>((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24));
  return static_cast<float>(sum - 510) * (1.0f / 147.8f);
}

}  // namespace

Sensor::Sensor(const SensorPlan& plan)
    : plan_(plan),
      drift_(plan.seed + 1, 110),
      sag_(plan.seed + 2, 9),
      weave_(plan.seed + 3, std::max(0.25, 2.5 * plan.gsd_m)) {
  const double sd = std::max(0.05, plan.blur_px);
  const int radius = std::max(1, static_cast<int>(std::ceil(2.5 * sd)));
  double total = 0;
  for (int i = 0; i <= radius; ++i) {
    kernel_.push_back(static_cast<float>(std::exp(-0.5 * i * i / (sd * sd))));
    total += (i == 0 ? 1 : 2) * kernel_.back();
  }
  for (float& weight : kernel_) weight = static_cast<float>(weight / total);
}

std::vector<std::uint16_t> Sensor::expose(const Window& window, Radiance scene) const {
  check(scene.window == grown(window, margin_px()), "a scene with the sensor's margin");
  if (plan_.net_dim < 1) hang_net(scene);
  const std::vector<Spectrum> seen = blurred(window, scene);
  const auto area = static_cast<std::size_t>(window.area());
  std::vector<std::uint16_t> planes(kBands * area);
  std::size_t i = 0;
  for (std::int64_t y = window.y; y < window.y_end(); ++y) {
    for (std::int64_t x = window.x; x < window.x_end(); ++x, ++i) {
      const double ground_x = (static_cast<double>(x) + 0.5) * plan_.gsd_m;
      const double ground_y = (static_cast<double>(y) + 0.5) * plan_.gsd_m;
      const float light = brightness(ground_x, ground_y);
      std::uint64_t key = mix(static_cast<std::uint64_t>(x) * 0x9e3779b97f4a7c15ULL ^
                              static_cast<std::uint64_t>(y) * 0xc2b2ae3d27d4eb4fULL ^ plan_.seed);
      for (std::size_t band = 0; band < kBands; ++band) {
        const float signal = seen[i][band] * light * plan_.gain[band];
        const float sd = static_cast<float>(plan_.noise) +
                         static_cast<float>(plan_.grain) * std::sqrt(std::max(0.0f, signal));
        if (band % 2 == 0) key = mix(key + 0x9e3779b97f4a7c15ULL);
        const float value =
            (signal + sd * nearly_normal(static_cast<std::uint32_t>(key >> 32 * (band % 2)))) *
            kScale;
        planes[band * area + i] =
            static_cast<std::uint16_t>(std::clamp(value + 0.5f, 1.0f, kBrightest));
      }
    }
  }
  return planes;
}

/// A pale mesh over everything: less light comes up, some is scattered in, cables make brighter
/// lines.
void Sensor::hang_net(Radiance& scene) const {
  const double angle = plan_.net_angle_deg * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const double cable_m = std::max(0.05, 0.45 * plan_.gsd_m);
  std::size_t i = 0;
  for (std::int64_t y = scene.window.y; y < scene.window.y_end(); ++y) {
    for (std::int64_t x = scene.window.x; x < scene.window.x_end(); ++x, ++i) {
      const double px = (static_cast<double>(x) + 0.5) * plan_.gsd_m,
                   py = (static_cast<double>(y) + 0.5) * plan_.gsd_m;
      const float sag = sag_(px, py);
      const double u = (px * c + py * s) / plan_.net_cell_m,
                   v = (py * c - px * s) / plan_.net_cell_m;
      const double to_cable =
          std::min(std::abs(u - std::round(u)), std::abs(v - std::round(v))) * plan_.net_cell_m;
      const float cable = to_cable < cable_m ? 0.05f : 0.0f;
      const float veil =
          static_cast<float>(plan_.net_veil) * (1 + 0.35f * sag + 0.15f * weave_(px, py)) + cable;
      const float dim = static_cast<float>(plan_.net_dim) * (1 - 0.05f * sag);
      for (float& value : scene.pixels[i]) value = value * dim + veil;
    }
  }
}

std::vector<Spectrum> Sensor::blurred(const Window& window, const Radiance& scene) const {
  const int margin = margin_px();
  const auto wide = static_cast<std::size_t>(scene.window.width),
             width = static_cast<std::size_t>(window.width);
  const auto tall = static_cast<std::size_t>(scene.window.height),
             height = static_cast<std::size_t>(window.height);
  std::vector<Spectrum> across(width * tall), both(width * height);
  const auto smear = [&](const Spectrum* middle, std::size_t stride, Spectrum& out) {
    for (std::size_t band = 0; band < kBands; ++band) out[band] = kernel_[0] * (*middle)[band];
    for (std::size_t k = 1; k < kernel_.size(); ++k) {
      const Spectrum &before = *(middle - k * stride), &after = *(middle + k * stride);
      for (std::size_t band = 0; band < kBands; ++band)
        out[band] += kernel_[k] * (before[band] + after[band]);
    }
  };
  for (std::size_t y = 0; y < tall; ++y)
    for (std::size_t x = 0; x < width; ++x)
      smear(
          &scene.pixels[y * wide + x + static_cast<std::size_t>(margin)], 1, across[y * width + x]);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      smear(
          &across[(y + static_cast<std::size_t>(margin)) * width + x], width, both[y * width + x]);
  return both;
}

/// Exposure with its drift and the photograph's own: photographs are squares whose seams wander.
float Sensor::brightness(double x, double y) const {
  const float wander = 0.15f * sag_(x, y);
  const double u = x / plan_.photograph_m + wander, v = y / plan_.photograph_m - wander;
  const auto column = static_cast<std::int64_t>(std::floor(u)),
             row = static_cast<std::int64_t>(std::floor(v));
  const std::uint64_t key =
      mix(static_cast<std::uint64_t>(column) * 0x9e3779b97f4a7c15ULL ^
          static_cast<std::uint64_t>(row) * 0xc2b2ae3d27d4eb4fULL ^ (plan_.seed + 77));
  const float own = static_cast<float>(plan_.seam) * nearly_normal(static_cast<std::uint32_t>(key));
  return static_cast<float>(plan_.exposure) *
         (1 + static_cast<float>(plan_.drift) * drift_(x, y) + own);
}

}  // namespace canopy
