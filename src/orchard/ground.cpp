// SPDX-License-Identifier: Apache-2.0
#include "orchard/ground.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "orchard/preset.h"
#include "orchard/survey.h"

namespace canopy {
namespace {

constexpr double kHillsM = 90, kSwellsM = 35, kPatchM = 14, kStainM = 3.5, kTuftM = 0.9,
                 kBladeM = 0.28;
constexpr double kClodM = 0.45, kGrainM = 0.18, kRutM = 5;

/// How much of a texture of this wavelength pixels of this size resolve.
float resolved(double wavelength_m, double gsd_m) {
  return smooth_step(1.0f, 2.5f, static_cast<float>(wavelength_m / gsd_m));
}

}  // namespace

Ground::Ground(const GroundPlan& plan, const std::vector<BlockPlan>& blocks)
    : plan_(plan),
      hills_(plan.seed + 1, kHillsM),
      swells_(plan.seed + 2, kSwellsM),
      patch_(plan.seed + 3, kPatchM),
      stain_(plan.seed + 4, kStainM),
      tuft_(plan.seed + 5, kTuftM),
      blade_(plan.seed + 6, kBladeM),
      clod_(plan.seed + 7, kClodM),
      grain_(plan.seed + 8, kGrainM),
      rut_(plan.seed + 9, kRutM),
      fine_(resolved(kBladeM, plan.gsd_m)),
      finest_(resolved(kGrainM, plan.gsd_m)) {
  for (const BlockPlan& block : blocks) {
    const RowFrame frame = row_frame(block.row_angle_deg);
    rows_.push_back({block.outline,
                     frame.along.x,
                     frame.along.y,
                     frame.across.x,
                     frame.across.y,
                     block.row_spacing_m,
                     block.row_phase,
                     block.bend_m,
                     2 * std::numbers::pi / block.bend_length_m,
                     block.bend_phase,
                     block.row_spacing_m > plan.track_gauge_m + 0.5});
  }
}

float Ground::elevation_m(double x, double y) const {
  const double hills = hills_(x, y) + 0.35 * swells_(x, y);
  return static_cast<float>(plan_.elevation_m + plan_.slope_x * x + plan_.slope_y * y +
                            plan_.hill_m * hills);
}

/// Metres from the nearest row, across it.
double Ground::Rows::from_row_m(double x, double y) const {
  const double u = x * along_x + y * along_y, v = x * across_x + y * across_y;
  const double bend = bend_m > 0 ? bend_m * std::sin(u * bend_per_m + bend_phase) : 0;
  const double rows = (v - bend) / spacing_m - phase;
  return std::abs(rows - std::round(rows)) * spacing_m;
}

/// 1 in the middle of either wheel's track, `off_m` from the middle of the vehicle.
float Ground::wheel(double off_m) const {
  constexpr float kHalfWidthM = 0.32f;
  const auto off = static_cast<float>(std::abs(std::abs(off_m) - plan_.track_gauge_m / 2));
  return 1 - smooth_step(0.4f * kHalfWidthM, kHalfWidthM, off);
}

Ground::Cover Ground::cover(double x, double y) const {
  const auto headland = static_cast<float>(plan_.headland_grass);
  Cover cover{headland, 0, 0};
  constexpr double kRoadM = 2.6, kFadeM = 1.2;
  for (const Rows& block : rows_) {
    const double depth = block.outline.depth({x, y});
    if (depth < -kRoadM - 3) continue;
    if (depth < 0) {
      cover.wear = std::max(cover.wear, wheel(depth + kRoadM));
      continue;
    }
    const double from_row = block.from_row_m(x, y);
    const auto strip = static_cast<float>(plan_.strip_m);
    const float in_alley =
        smooth_step(strip * 0.7f, strip * 1.3f + 0.1f, static_cast<float>(from_row));
    const float inside = smooth_step(0, static_cast<float>(kFadeM), static_cast<float>(depth));
    const auto alley = static_cast<float>(plan_.alley_grass),
               under = static_cast<float>(plan_.strip_grass);
    cover.grass = headland + (under + (alley - under) * in_alley - headland) * inside;
    cover.damp = (1 - in_alley) * inside;
    if (block.has_alley)
      cover.wear = std::max(cover.wear, wheel(block.spacing_m / 2 - from_row) * inside);
  }
  return cover;
}

Ground::Look Ground::look(double x, double y) const {
  const Cover cover = this->cover(x, y);
  // Each scale is bent by a coarser one, which hides the lattice of the noise.
  const float patch = patch_(x, y);
  const double bent_x = x + 1.6 * patch, bent_y = y - 1.9 * patch;
  const float stain = stain_(bent_x, bent_y);
  x += 0.5 * stain;
  y -= 0.4 * stain;
  const Noise::Sample tuft = tuft_.sample(x, y), blade = blade_.sample(x, y);
  const Noise::Sample clod = clod_.sample(x, y);
  const float grain = grain_(x, y) * finest_;
  const auto clods = static_cast<float>(plan_.clods);

  float wear = cover.wear * static_cast<float>(plan_.track_wear);
  if (wear > 0) wear *= 0.75f + 0.5f * rut_(x, y);
  // Grass stands where the sum of chance at all scales passes what the place allows: patchy, with
  // ragged edges.
  const float chance = 0.45f * patch + 0.5f * stain + 0.55f * tuft.value +
                       0.55f * fine_ * blade.value + 0.2f * grain;
  const float grass = smooth_step(-0.42f, 0.42f, chance + 2.2f * (cover.grass * (1 - wear) - 0.5f));

  const float damp = static_cast<float>(plan_.damp) * cover.damp * smooth_step(-0.5f, 0.3f, stain);
  const float soil_light = 1 + 0.16f * patch + 0.10f * stain +
                           clods * (0.12f * clod.value + 0.16f * grain) + 0.14f * wear - damp;
  const Spectrum green =
      blend(plan_.grass, plan_.weed, smooth_step(-0.2f, 0.5f, stain - 0.5f * patch));
  const float grass_light =
      1 + 0.15f * tuft.value + 0.26f * fine_ * blade.value + 0.14f * grain + 0.08f * patch;

  Look look;
  look.reflectance =
      blend(plan_.soil * std::max(0.2f, soil_light), green * std::max(0.3f, grass_light), grass);
  const float bump_soil = 0.05f * clods * (1 - grass), bump_grass = 0.06f * grass;
  look.dx = bump_soil * clod.dx + bump_grass * (tuft.dx + 0.4f * fine_ * blade.dx);
  look.dy = bump_soil * clod.dy + bump_grass * (tuft.dy + 0.4f * fine_ * blade.dy);
  return look;
}

}  // namespace canopy
