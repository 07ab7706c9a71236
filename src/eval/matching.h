// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eval/scene.h"

// One-to-one matching of found trees with labelled ones: best score first, each found tree takes
// the free truth that it overlaps most, if by at least the threshold. A dead tree is a tree here.
// Since a match depends on better scores alone, the matching at any score threshold is the
// beginning of the one matching over all scores.

namespace canopy {

struct MatchOptions {
  Overlap overlap = Overlap::Box;
  double iou = 0.5;
};

/// One found tree after matching.
struct Judgement {
  int found = 0;  ///< index into Scene::found
  double score = 0;
  int truth = -1;  ///< index into Scene::truth, or -1
  double iou = 0;
  bool counts = true;  ///< false: in a crowd or an ignore region
};

/// All found trees of a scene, best score first.
std::vector<Judgement> judge(const Scene& scene, const MatchOptions& options);

/// Truths that count: all but crowds.
std::int64_t counted_truths(const Scene& scene);

}  // namespace canopy
