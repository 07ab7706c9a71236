// SPDX-License-Identifier: Apache-2.0
#include "orchard/planting.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

#include "base/random.h"
#include "orchard/crown.h"
#include "orchard/noise.h"
#include "orchard/point_grid.h"

namespace canopy {
namespace {

constexpr double kGiantLeastM2 = 240, kGiantMostM2 = 654;

/// One place of the pattern.
struct Place {
  Point ideal, position;
  double axis_rad = 0;
  int row = 0, tree = 0;
  bool is_missing = false, is_row_end = false;
};

enum Stream : std::uint64_t { kLattice = 11, kGaps, kGrowth, kGiants, kStrays, kShape };

std::uint64_t block_seed(const OrchardPlan& plan, std::size_t block) {
  return mix(plan.seed + 1000 * (block + 1));
}

/// Step 1: ideal places, row after row in the direction of the numbers.
std::vector<Place> lattice(const BlockPlan& block) {
  const RowFrame frame = row_frame(block.row_angle_deg);
  double u_min = 1e300, u_max = -1e300, v_min = 1e300, v_max = -1e300;
  for (const Point& p : block.outline.ring()) {
    const double u = p.x * frame.along.x + p.y * frame.along.y,
                 v = p.x * frame.across.x + p.y * frame.across.y;
    u_min = std::min(u_min, u);
    u_max = std::max(u_max, u);
    v_min = std::min(v_min, v);
    v_max = std::max(v_max, v);
  }
  const double wave = 2 * std::numbers::pi / block.bend_length_m;
  const auto first =
      static_cast<int>(std::floor((v_min - block.bend_m) / block.row_spacing_m - block.row_phase));
  const auto last =
      static_cast<int>(std::ceil((v_max + block.bend_m) / block.row_spacing_m - block.row_phase));
  const double inset = 0.3 * std::min(block.tree_spacing_m, 3.0);
  std::vector<Place> places;
  int row = 0;
  for (int k = first; k <= last; ++k) {
    const double base = (k + block.row_phase) * block.row_spacing_m;
    const double shift = block.is_staggered && (k & 1) != 0 ? 0.5 : 0;
    double u = (std::floor(u_min / block.tree_spacing_m) - 1 + block.tree_phase + shift) *
               block.tree_spacing_m;
    const std::size_t row_start = places.size();
    while (u < u_max) {
      const double slope = block.bend_m * wave * std::cos(u * wave + block.bend_phase);
      const double v = base + block.bend_m * std::sin(u * wave + block.bend_phase);
      const Point p{u * frame.along.x + v * frame.across.x, u * frame.along.y + v * frame.across.y};
      if (block.outline.depth(p) >= inset) {
        if (places.size() == row_start) ++row;
        const double tx = frame.along.x + slope * frame.across.x,
                     ty = frame.along.y + slope * frame.across.y;
        places.push_back(
            {p, p, std::atan2(ty, tx), row, static_cast<int>(places.size() - row_start) + 1});
      }
      u += block.tree_spacing_m / std::sqrt(1 + slope * slope);
    }
    if (places.size() > row_start) places[row_start].is_row_end = places.back().is_row_end = true;
  }
  return places;
}

void displace(const BlockPlan& block, std::uint64_t seed, std::vector<Place>& places) {
  const double drift_m = 7 * block.tree_spacing_m, most = block.jitter * block.tree_spacing_m;
  const Noise drift_x(seed + 1, drift_m), drift_y(seed + 2, drift_m);
  for (std::size_t i = 0; i < places.size(); ++i) {
    Random random(seed, kLattice, i);
    const double radius = 0.5 * most * std::sqrt(random.uniform()),
                 angle = random.uniform(0, 2 * std::numbers::pi);
    Point& p = places[i].position;
    const Point& ideal = places[i].ideal;
    p.x += 0.5 * most * drift_x(ideal.x, ideal.y) + radius * std::cos(angle);
    p.y += 0.5 * most * drift_y(ideal.x, ideal.y) + radius * std::sin(angle);
  }
}

/// Step 2. Runs are kept apart by a standing tree, so that none is longer than the plan says.
void clear_places(const BlockPlan& block, std::uint64_t seed, std::vector<Place>& places) {
  const auto wanted =
      static_cast<std::int64_t>(std::lround(block.missing * static_cast<double>(places.size())));
  Random random(seed, kGaps);
  const auto is_free = [&](std::size_t i) {
    return !places[i].is_row_end && !places[i].is_missing;
  };
  std::int64_t cleared = 0;
  const bool runs = block.gap_length_max > 1;
  for (std::size_t attempt = 0; attempt < 60 * places.size() && cleared < wanted; ++attempt) {
    const auto start =
        static_cast<std::size_t>(random.below(static_cast<std::int64_t>(places.size())));
    const std::int64_t length =
        block.gap_length_min + random.below(block.gap_length_max - block.gap_length_min + 1);
    const std::size_t end = start + static_cast<std::size_t>(length);
    if (end >= places.size() || places[start].is_row_end) continue;
    bool fits = true;
    for (std::size_t i = start; i < end; ++i) fits = fits && is_free(i);
    if (runs) fits = fits && !places[start - 1].is_missing && !places[end].is_missing;
    if (!fits) continue;
    for (std::size_t i = start; i < end; ++i) places[i].is_missing = true;
    cleared += length;
  }
}

/// The `share` of `items` with the highest `score`, as indices.
template <class Score>
std::vector<std::size_t> highest(std::size_t items, double share, Score&& score) {
  std::vector<std::size_t> order(items);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::greater<>{}, score);
  order.resize(
      std::min(items, static_cast<std::size_t>(std::lround(share * static_cast<double>(items)))));
  return order;
}

/// Steps 3 and 4, without the common scale.
void grow(const BlockPlan& block, std::uint64_t seed, std::span<SyntheticTree> trees) {
  const Noise vigour(seed + 3, 55), trouble(seed + 4, 22);
  std::vector<double> bad(trees.size()), unlucky(trees.size()), girth(trees.size());
  for (std::size_t i = 0; i < trees.size(); ++i) {
    SyntheticTree& tree = trees[i];
    Random random(seed, kGrowth, i);
    const double here = vigour(tree.position.x, tree.position.y);
    tree.health = std::clamp(0.88 + 0.10 * here + random.normal(0, 0.04), 0.6, 1.0);
    bad[i] = trouble(tree.position.x, tree.position.y) + random.normal(0, 0.35);
    unlucky[i] = random.uniform();
    girth[i] = std::exp(random.normal(0, block.radius_spread)) * (1 + 0.08 * here);
    tree.radius_m = block.radius_m;
    tree.height_m = block.height_m * (1 + 0.07 * random.normal());
    tree.stretch = block.stretch * std::exp(random.normal(0, 0.05));
    tree.shape_seed = random.bits();
  }
  for (const std::size_t i :
       highest(trees.size(), block.sick, [&](std::size_t k) { return bad[k]; })) {
    trees[i].health = Random(seed, kGrowth + 100, i).uniform(0.18, 0.46);
    unlucky[i] -= 1;  // a tree is sick or dead, so that both shares hold
  }
  for (const std::size_t i :
       highest(trees.size(), block.dead, [&](std::size_t k) { return unlucky[k]; })) {
    trees[i].health = 0;
    trees[i].status = TreeStatus::Dead;
  }
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const double size = std::clamp(girth[i], 0.5, 1.6) * (0.72 + 0.28 * trees[i].health);
    trees[i].radius_m *= size;
    trees[i].height_m *= std::clamp(std::sqrt(size), 0.7, 1.3);
  }
}

/// Scales all crowns by the factor at which `share` of them touches.
void scale_to_touch(double share, std::vector<SyntheticTree>& trees) {
  double low = 0.3, high = 3;
  for (int i = 0; i < 24; ++i) {
    const double middle = (low + high) / 2;
    (touching_share(trees, middle) < share ? low : high) = middle;
  }
  for (SyntheticTree& tree : trees) tree.radius_m *= high;
}

/// Step 5: some trees in the open become giants, and what stood under them never was.
void raise_giants(const OrchardPlan& plan,
                  int count,
                  std::uint64_t seed,
                  std::vector<SyntheticTree>& trees,
                  std::vector<Gap>& gaps) {
  Random random(seed, kGiants);
  std::vector<SyntheticTree> giants;
  for (int attempt = 0; attempt < 400 && static_cast<int>(giants.size()) < count && !trees.empty();
       ++attempt) {
    SyntheticTree tree =
        trees[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(trees.size())))];
    const double least = giants.empty() ? 460 : kGiantLeastM2;
    const double radius = std::sqrt(random.uniform(least, kGiantMostM2) / std::numbers::pi);
    const double room = std::min({tree.position.x,
                                  tree.position.y,
                                  plan.width_m - tree.position.x,
                                  plan.height_m - tree.position.y});
    bool fits = tree.status == TreeStatus::Alive && room > (attempt < 300 ? 1.25 * radius : 0);
    for (const SyntheticTree& giant : giants)
      fits = fits && std::hypot(tree.position.x - giant.position.x,
                                tree.position.y - giant.position.y) > 2.4 * radius;
    if (!fits) continue;
    tree.height_m *= std::clamp(std::sqrt(radius / tree.radius_m), 1.0, 1.6);
    tree.radius_m = radius;
    tree.health = std::max(tree.health, 0.7);
    giants.push_back(tree);
  }
  const auto is_under = [&](const Point& p) {
    return std::ranges::any_of(giants, [&](const SyntheticTree& giant) {
      return std::hypot(p.x - giant.position.x, p.y - giant.position.y) < 0.97 * giant.radius_m;
    });
  };
  std::erase_if(trees, [&](const SyntheticTree& tree) { return is_under(tree.position); });
  std::erase_if(gaps, [&](const Gap& gap) { return is_under(gap.position); });
  trees.insert(trees.end(), giants.begin(), giants.end());
  std::ranges::sort(
      trees, {}, [](const SyntheticTree& t) { return std::pair(t.row_index, t.tree_index); });
}

void plant_block(const OrchardPlan& plan, std::size_t index, Planting& planting) {
  const BlockPlan& block = plan.blocks[index];
  const std::uint64_t seed = block_seed(plan, index);
  const int number = static_cast<int>(index) + 1;
  std::vector<Place> places = lattice(block);
  displace(block, seed, places);
  clear_places(block, seed, places);
  std::vector<SyntheticTree> trees;
  std::vector<Gap> gaps;
  for (const Place& place : places) {
    if (place.is_missing) {
      gaps.push_back({place.position, number, place.row, place.tree, 1});
      continue;
    }
    SyntheticTree tree;
    tree.position = place.position;
    tree.block = number;
    tree.row_index = place.row;
    tree.tree_index = place.tree;
    tree.axis_rad = place.axis_rad;
    trees.push_back(tree);
  }
  grow(block, seed, trees);
  if (block.touching > 0) scale_to_touch(block.touching, trees);
  if (block.giants > 0) raise_giants(plan, block.giants, seed, trees, gaps);
  planting.trees.insert(planting.trees.end(), trees.begin(), trees.end());
  planting.gaps.insert(planting.gaps.end(), gaps.begin(), gaps.end());
  planting.blocks.push_back({number,
                             block.pattern,
                             block.row_spacing_m,
                             block.tree_spacing_m,
                             block.row_angle_deg,
                             Polygon{{block.outline.ring()}}});
}

/// Step 6.
void plant_strays(const OrchardPlan& plan, Planting& planting) {
  const BlockPlan& like = plan.blocks.front();
  std::vector<Point> taken;
  for (const SyntheticTree& tree : planting.trees) taken.push_back(tree.position);
  for (const Gap& gap : planting.gaps) taken.push_back(gap.position);
  const double apart = 0.42 * std::min(like.row_spacing_m, 1.6 * like.tree_spacing_m);
  const auto count =
      static_cast<std::size_t>(std::lround(plan.stray * static_cast<double>(taken.size())));
  std::vector<SyntheticTree> strays;
  Random random(plan.seed, kStrays);
  for (int attempt = 0; attempt < 20000 && strays.size() < count; ++attempt) {
    SyntheticTree tree;
    tree.position = {random.uniform(3, plan.width_m - 3), random.uniform(3, plan.height_m - 3)};
    const bool is_clear = std::ranges::none_of(taken, [&](const Point& p) {
      return std::hypot(p.x - tree.position.x, p.y - tree.position.y) < apart;
    });
    if (!is_clear) continue;
    tree.is_stray = true;
    tree.health = random.uniform(0.6, 1);
    tree.axis_rad = random.uniform(0, std::numbers::pi);
    tree.radius_m = std::min(like.radius_m * random.uniform(0.5, 0.95), 0.8 * apart);
    tree.height_m = like.height_m * random.uniform(0.5, 1);
    tree.shape_seed = random.bits();
    taken.push_back(tree.position);
    strays.push_back(tree);
  }
  planting.trees.insert(planting.trees.end(), strays.begin(), strays.end());
}

}  // namespace

Planting plant_trees(const OrchardPlan& plan) {
  Planting planting;
  for (std::size_t i = 0; i < plan.blocks.size(); ++i) plant_block(plan, i, planting);
  if (plan.stray > 0) plant_strays(plan, planting);
  for (std::size_t i = 0; i < planting.trees.size(); ++i)
    planting.trees[i].id = static_cast<std::int64_t>(i) + 1;
  return planting;
}

double touching_share(const std::vector<SyntheticTree>& trees, double scale) {
  std::vector<Crown> crowns;
  std::vector<Point> points;
  double widest = 0;
  for (const SyntheticTree& tree : trees) {
    crowns.emplace_back(tree, Foliage{}, 0.1);
    points.push_back(tree.position);
    widest = std::max(widest, static_cast<double>(crowns.back().max_radius_m()));
  }
  const PointGrid grid(points, std::max(1.0, 2 * widest));
  std::size_t touching = 0;
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const double far = scale * 2 * widest;
    const Point& p = points[i];
    for (const std::uint32_t j : grid.within(p.x - far, p.y - far, p.x + far, p.y + far)) {
      const auto dx = static_cast<float>(points[j].x - p.x),
                 dy = static_cast<float>(points[j].y - p.y);
      if (j == i) continue;
      if (scale * (crowns[i].radius_toward(dx, dy) + crowns[j].radius_toward(-dx, -dy)) <
          std::hypot(dx, dy))
        continue;
      ++touching;
      break;
    }
  }
  return trees.empty() ? 0 : static_cast<double>(touching) / static_cast<double>(trees.size());
}

}  // namespace canopy
