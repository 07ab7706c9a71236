// SPDX-License-Identifier: Apache-2.0
#include "orchard/preset.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/nearest.h"
#include "base/random.h"

namespace canopy {
namespace {

/// The draws of one orchard, in one fixed order.
struct Draw {
  Random random;
  double operator()(double low, double high) { return random.uniform(low, high); }
  /// A spacing or size within 15 % of the usual.
  double about(double usual) { return usual * random.uniform(0.85, 1.15); }
};

Foliage foliage_of(int crop, Draw& draw) {
  static const std::array<Foliage, 6> kCrops = {{
      {{0.95f, 0.86f, 0.90f, 0.92f, 0.98f}, 0.70, 0.22, 0.05, 0.15},  // citrus: dark, dense, round
      {{1.00f, 1.10f, 1.05f, 1.04f, 1.00f}, 1.50, 0.30, 0.16, 0.25},  // walnut: big boughs
      {{1.05f, 1.30f, 1.15f, 1.10f, 0.98f}, 0.35, 0.18, 0.20, 0.35},  // vine: light, thin
      {{1.00f, 1.02f, 1.00f, 1.00f, 1.00f}, 0.45, 0.22, 0.12, 0.20},  // apple
      {{1.15f, 1.05f, 1.20f, 1.00f, 0.94f}, 0.80, 0.26, 0.14, 0.20},  // almond: greyer
      {{0.90f, 0.95f, 1.05f, 0.96f, 1.04f}, 1.10, 0.28, 0.08, 0.15},  // avocado, mango: dark, heavy
  }};
  Foliage foliage = kCrops[static_cast<std::size_t>(crop)];
  for (float& value : foliage.tint) value *= static_cast<float>(draw(0.92, 1.08));
  foliage.clump_m *= draw(0.8, 1.25);
  foliage.relief *= draw(0.8, 1.2);
  foliage.openness *= draw(0.6, 1.5);
  return foliage;
}

enum Crop { kCitrus, kWalnut, kVine, kApple, kAlmond, kAvocado };

int any_orchard_crop(Draw& draw) {
  constexpr std::array<int, 4> kAny = {kCitrus, kApple, kAlmond, kAvocado};
  return kAny[static_cast<std::size_t>(draw.random.below(4))];
}

/// Rows and crowns of a usual block; presets change what makes them special.
BlockPlan usual_block(double row_m, double tree_m, int crop, Draw& draw) {
  BlockPlan block;
  const double both = draw(0.85, 1.15);
  block.row_spacing_m = row_m * std::clamp(both * draw(0.96, 1.04), 0.85, 1.15);
  block.tree_spacing_m = tree_m * std::clamp(both * draw(0.96, 1.04), 0.85, 1.15);
  block.row_angle_deg = draw(0, 180);
  block.row_phase = draw(0, 1);
  block.tree_phase = draw(0, 1);
  block.missing = draw(0.02, 0.04);
  block.dead = draw(0, 0.012);
  block.sick = draw(0, 0.04);
  block.radius_m = draw(0.36, 0.44) * block.tree_spacing_m;
  block.radius_spread = draw(0.08, 0.15);
  block.height_m = (0.9 + 1.35 * block.radius_m) * draw(0.85, 1.15);
  block.foliage = foliage_of(crop, draw);
  return block;
}

BlockPlan square(Draw& draw) {
  BlockPlan block = usual_block(5, 5, any_orchard_crop(draw), draw);
  block.pattern = "square";
  block.row_spacing_m = block.tree_spacing_m;
  block.radius_m = draw(0.30, 0.40) * block.tree_spacing_m;
  block.missing = 0.03;
  return block;
}

BlockPlan offset(Draw& draw) {
  BlockPlan block = usual_block(6, 6, any_orchard_crop(draw), draw);
  block.pattern = "quincunx";
  block.row_spacing_m = block.tree_spacing_m * draw(0.82, 1.0);
  block.is_staggered = true;
  block.jitter = 0.10;
  block.radius_m = draw(0.28, 0.38) * block.tree_spacing_m;
  return block;
}

BlockPlan contour(Draw& draw) {
  BlockPlan block = usual_block(5, 3, any_orchard_crop(draw), draw);
  block.pattern = "contour";
  block.jitter = 0.08;
  block.missing = 0.08;
  block.bend_length_m = draw(70, 150);
  block.bend_m = draw(0.25, 0.5) * block.bend_length_m / 6.28;
  block.bend_phase = draw(0, 6.28);
  block.radius_m = draw(0.36, 0.46) * block.tree_spacing_m;
  return block;
}

BlockPlan citrus(Draw& draw) {
  BlockPlan block = usual_block(6, 3, kCitrus, draw);
  block.radius_m = 0.46 * block.tree_spacing_m;
  block.touching = 0.30;
  return block;
}

BlockPlan sparse(Draw& draw) {
  BlockPlan block = usual_block(5.5, 4, any_orchard_crop(draw), draw);
  block.missing = 1.0 / 3;
  block.gap_length_min = 2;
  block.gap_length_max = 6;
  return block;
}

BlockPlan walnuts(Draw& draw) {
  BlockPlan block = usual_block(12, 12, kWalnut, draw);
  block.pattern = "square";
  block.row_spacing_m = block.tree_spacing_m;
  block.radius_m = 0.45 * block.tree_spacing_m;
  block.radius_spread = draw(0.12, 0.2);
  block.touching = 0.40;
  block.giants = 1 + static_cast<int>(draw.random.below(3));
  block.height_m = draw(8, 12);
  return block;
}

BlockPlan vines(Draw& draw) {
  BlockPlan block = usual_block(2.5, 1.2, kVine, draw);
  block.radius_m = draw(0.23, 0.27);
  block.stretch = draw(1.0, 1.3);
  block.height_m = draw(1.1, 1.7);
  return block;
}

BlockPlan apples(Draw& draw) {
  BlockPlan block = usual_block(3, 0.3, kApple, draw);
  block.pattern = "hedge";
  const double along = draw(0.55, 0.7) * block.tree_spacing_m, across = draw(0.40, 0.60);
  block.radius_m = std::sqrt(along * across);
  block.stretch = along / across;
  block.height_m = draw(2.4, 3.4);
  block.gap_length_max = 4;
  return block;
}

BlockPlan weeds(Draw& draw) { return usual_block(5.5, 4, any_orchard_crop(draw), draw); }

BlockPlan sick(Draw& draw) {
  BlockPlan block = usual_block(5.5, 4.5, any_orchard_crop(draw), draw);
  block.dead = 0.05;
  block.sick = 0.15;
  return block;
}

using Make = BlockPlan (*)(Draw&);
const std::vector<std::pair<std::string, Make>>& makers() {
  static const std::vector<std::pair<std::string, Make>> kMakers = {{"square", square},
                                                                    {"offset", offset},
                                                                    {"contour", contour},
                                                                    {"two_blocks", citrus},
                                                                    {"sparse", sparse},
                                                                    {"citrus", citrus},
                                                                    {"walnuts", walnuts},
                                                                    {"vines", vines},
                                                                    {"apples", apples},
                                                                    {"nets", citrus},
                                                                    {"weeds", weeds},
                                                                    {"sick", sick}};
  return kMakers;
}

/// The land less a headland, with corners cut off.
ConvexOutline draw_outline(double width_m, double height_m, Draw& draw) {
  const double headland = std::min(draw(4, 8), 0.12 * std::min(width_m, height_m));
  ConvexOutline outline(headland * draw(0.8, 1.2),
                        headland * draw(0.8, 1.2),
                        width_m - headland * draw(0.8, 1.2),
                        height_m - headland * draw(0.8, 1.2));
  const Ring corners = outline.ring();
  const Point middle{width_m / 2, height_m / 2};
  for (const Point& corner : corners) {
    const double turn = draw(-0.5, 0.5), cut = draw(0, 0.22);
    if (!draw.random.chance(0.6)) continue;
    const Point out{corner.x - middle.x, corner.y - middle.y};
    const Point normal{out.x * std::cos(turn) - out.y * std::sin(turn),
                       out.x * std::sin(turn) + out.y * std::cos(turn)};
    outline.cut({corner.x - cut * out.x, corner.y - cut * out.y}, normal);
  }
  return outline;
}

/// Two blocks with a headland between them: one of citrus or the like, one quite different.
std::vector<BlockPlan> split_blocks(const BlockPlan& first,
                                    const ConvexOutline& outline,
                                    const OrchardPlan& plan,
                                    Draw& draw) {
  BlockPlan second = draw.random.chance(0.5) ? offset(draw) : usual_block(7, 5, kAlmond, draw);
  const double turned = draw(25, 155);
  second.row_angle_deg = std::fmod(first.row_angle_deg + turned, 180);
  std::vector<BlockPlan> blocks = {first, second};
  const double angle = draw(0, 6.283), lane = draw(4, 8);
  const Point normal{std::cos(angle), std::sin(angle)};
  const Point middle{plan.width_m * draw(0.44, 0.56), plan.height_m * draw(0.44, 0.56)};
  for (std::size_t i = 0; i < 2; ++i) {
    const double side = i == 0 ? 1 : -1;
    blocks[i].outline = outline;
    blocks[i].outline.cut(
        {middle.x - side * normal.x * lane / 2, middle.y - side * normal.y * lane / 2},
        {side * normal.x, side * normal.y});
  }
  return blocks;
}

GroundPlan draw_ground(const std::string& preset, const OrchardPlan& plan, Draw& draw) {
  GroundPlan ground;
  ground.seed = mix(plan.seed + 5);
  ground.gsd_m = plan.gsd_m;
  ground.elevation_m = draw(20, 900);
  ground.slope_x = draw(-0.05, 0.05);
  ground.slope_y = draw(-0.05, 0.05);
  ground.hill_m = draw(0.3, 2.5);
  ground.soil = soil_spectrum(draw(0, 1)) * static_cast<float>(draw(0.75, 1.2));
  for (float& value : ground.soil) value *= static_cast<float>(draw(0.95, 1.05));
  const bool is_green = preset == "weeds";
  ground.grass = grass_spectrum(is_green ? draw(0.75, 1.0) : draw(0.05, 0.85));
  ground.weed = grass_spectrum(is_green ? draw(0.8, 1.0) : draw(0.3, 1.0)) *
                static_cast<float>(draw(0.85, 1.1));
  ground.alley_grass = is_green ? draw(0.75, 1.0) : draw(0.0, 0.85);
  ground.strip_grass = is_green ? draw(0.3, 0.75) : draw(0.0, 0.25);
  ground.headland_grass = is_green ? draw(0.6, 1.0) : draw(0.1, 0.9);
  const BlockPlan& block = plan.blocks.front();
  ground.strip_m = std::clamp(draw(0.14, 0.24) * block.row_spacing_m, 0.25, 1.6);
  ground.track_gauge_m = draw(1.4, 1.9) * (block.row_spacing_m < 2.8 ? 0.75 : 1);
  ground.track_wear = draw(0.2, 0.9);
  ground.damp = draw(0, 0.4);
  ground.clods = draw(0.5, 1.5);
  return ground;
}

SensorPlan draw_sensor(const std::string& preset, const OrchardPlan& plan, Draw& draw) {
  SensorPlan sensor;
  sensor.seed = mix(plan.seed + 6);
  sensor.gsd_m = plan.gsd_m;
  sensor.exposure = draw(0.82, 1.18);
  for (float& value : sensor.gain) value = static_cast<float>(draw(0.95, 1.05));
  sensor.drift = draw(0.01, 0.06);
  sensor.seam = draw(0, 0.015);
  sensor.photograph_m = draw(25, 60);
  sensor.noise = draw(0.001, 0.003);
  sensor.grain = draw(0.004, 0.014);
  sensor.blur_px = draw(0.4, 0.85);
  if (preset == "nets") {
    sensor.blur_px = draw(1.2, 2.0);
    sensor.net_dim = draw(0.55, 0.75);
    sensor.net_veil = draw(0.025, 0.06);
    sensor.net_cell_m = draw(4, 9);
    sensor.net_angle_deg = plan.blocks.front().row_angle_deg;
  }
  return sensor;
}

}  // namespace

const std::vector<std::string>& synthetic_presets() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, make] : makers()) names.push_back(name);
    return names;
  }();
  return kNames;
}

OrchardPlan plan_orchard(const SyntheticOptions& options) {
  options.validate();
  const auto maker =
      std::ranges::find(makers(), options.preset, &std::pair<std::string, Make>::first);
  const auto index = static_cast<std::uint64_t>(maker - makers().begin());
  OrchardPlan plan;
  plan.seed = mix(mix(static_cast<std::uint64_t>(options.seed)) + 31 * index);
  plan.width_m = options.width_m;
  plan.height_m = options.height_m;
  plan.gsd_m = options.gsd_m;
  Draw draw{Random(plan.seed)};
  BlockPlan block = maker->second(draw);
  const ConvexOutline outline = draw_outline(plan.width_m, plan.height_m, draw);
  if (options.preset == "two_blocks") {
    plan.blocks = split_blocks(block, outline, plan, draw);
  } else {
    block.outline = outline;
    plan.blocks = {block};
  }
  plan.stray = options.preset == "sick" ? 0.02 : 0;
  plan.ground = draw_ground(options.preset, plan, draw);
  const double elevation = options.preset == "weeds" ? draw(17, 28) : draw(32, 72);
  plan.light =
      Light(draw(0, 360), elevation, draw.random.chance(0.2) ? draw(0.5, 0.9) : draw(0, 0.25));
  plan.sensor = draw_sensor(options.preset, plan, draw);
  return plan;
}

}  // namespace canopy
