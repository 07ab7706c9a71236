// SPDX-License-Identifier: Apache-2.0
#include "insight/health.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace canopy {
namespace {

constexpr std::size_t kLeastTrees = 8;
constexpr double kLeastDeviation = 0.015;
constexpr double kPoor = -4, kFair = -2.5;
constexpr double kDeadShare = 0.45, kDeadDeviations = 6;

struct Spread {
  double median = 0, deviation = 0;
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::optional<Spread> spread_of(const std::vector<Tree*>& trees, double Tree::*index) {
  std::vector<double> values;
  for (const Tree* tree : trees)
    if (tree->status == TreeStatus::Alive && std::isfinite(tree->*index))
      values.push_back(tree->*index);
  if (values.size() < kLeastTrees) return std::nullopt;
  Spread spread;
  spread.median = median(values);
  for (double& value : values) value = std::abs(value - spread.median);
  spread.deviation = std::max(kLeastDeviation, 1.4826 * median(values));
  return spread;
}

void judge_block(const std::vector<Tree*>& trees) {
  if (const auto ndvi = spread_of(trees, &Tree::ndvi))
    for (Tree* tree : trees)
      if (tree->ndvi < kDeadShare * ndvi->median &&
          tree->ndvi < ndvi->median - kDeadDeviations * ndvi->deviation)
        tree->status = TreeStatus::Dead;
  auto index = &Tree::ndre;
  auto spread = spread_of(trees, index);
  if (!spread) spread = spread_of(trees, index = &Tree::ndvi);
  for (Tree* tree : trees) {
    if (tree->status == TreeStatus::Dead) {
      tree->health = 0;
      tree->health_class = HealthClass::Poor;
    } else if (spread && std::isfinite(tree->*index)) {
      const double z = (tree->*index - spread->median) / spread->deviation;
      tree->health = 1 / (1 + std::exp(kPoor - z));
      tree->health_class = z < kPoor   ? HealthClass::Poor
                           : z < kFair ? HealthClass::Fair
                                       : HealthClass::Good;
    } else {
      tree->health = std::numeric_limits<double>::quiet_NaN();
      tree->health_class = HealthClass::Unknown;
    }
  }
}

}  // namespace

void judge_health(std::vector<Tree>& trees) {
  std::map<int, std::vector<Tree*>> blocks;
  for (Tree& tree : trees) blocks[tree.block].push_back(&tree);
  for (const auto& [block, of_block] : blocks) judge_block(of_block);
}

}  // namespace canopy
