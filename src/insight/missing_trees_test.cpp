// SPDX-License-Identifier: Apache-2.0
#include "insight/missing_trees.h"

#include <chrono>
#include <cstdlib>
#include <map>
#include <numbers>
#include <string>

#include <gtest/gtest.h>

#include "insight/planted_for_test.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {
namespace {

struct Case {
  Planted planted;
  std::vector<double> areas_m2;
};

/// The true positions of a synthetic orchard, with the true crowns' areas. Strays are trees like
/// any other.
Case truth_of(const SyntheticOrchard& orchard) {
  Case result;
  for (const SyntheticTree& tree : orchard.trees()) {
    result.planted.trees.push_back(tree.position);
    result.planted.row_of.push_back(tree.row_index > 0 ? tree.block * 10000 + tree.row_index : -1);
    result.areas_m2.push_back(std::numbers::pi * tree.radius_m * tree.radius_m);
  }
  for (const Gap& gap : orchard.gaps()) result.planted.missing.push_back(gap.position);
  result.planted.spacing_m = 1e9;
  for (const Block& block : orchard.blocks())
    result.planted.spacing_m =
        std::min({result.planted.spacing_m, block.tree_spacing_m, block.row_spacing_m});
  return result;
}

struct Floors {
  double precision, recall, error_of_spacing, ari;
};

TEST(MissingTrees, are_found_on_every_synthetic_preset_from_the_true_positions) {
  const char* wanted = std::getenv("CANOPY_PRESET");
  const int seeds = std::getenv("CANOPY_SEEDS") ? std::atoi(std::getenv("CANOPY_SEEDS")) : 2;
  for (const std::string& preset : synthetic_presets()) {
    if (wanted && preset != wanted) continue;
    int found = 0, right = 0, missing = 0;
    double least_ari = 1, error = 0, seconds = 0;
    std::size_t trees = 0, blocks = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
      SyntheticOptions options;
      options.preset = preset;
      options.seed = seed;
      if (preset == "apples") options.width_m = options.height_m = 50;
      const Case orchard = truth_of(SyntheticOrchard(options));
      const auto start = std::chrono::steady_clock::now();
      const auto pattern = find_planting_pattern(orchard.planted.trees, orchard.areas_m2);
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const PlantedScore score = canopy::score(orchard.planted, pattern);
      found += score.found;
      right += score.right;
      missing += score.wanted;
      error += score.median_error() / orchard.planted.spacing_m / seeds;
      least_ari = std::min(least_ari, score.ari);
      trees += orchard.planted.trees.size();
      blocks += pattern.blocks.size();
    }
    std::printf(
        "%-12s %6zu trees %4d missing  precision %.4f  recall %.4f  median error %.3f spacings  "
        "least row ARI %.4f  blocks %.1f  %.2f s\n",
        preset.c_str(),
        trees,
        missing,
        found ? static_cast<double>(right) / found : 1.0,
        missing ? static_cast<double>(right) / missing : 1.0,
        error,
        least_ari,
        static_cast<double>(blocks) / seeds,
        seconds / seeds);
  }
}

}  // namespace
}  // namespace canopy
