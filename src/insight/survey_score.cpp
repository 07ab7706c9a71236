// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_score.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "insight/point_index.h"

namespace canopy {
namespace {

constexpr double kGapReach = 0.5;       // of the closest spacing
constexpr double kNoBlockReachM = 2;    // where no block tells a spacing
constexpr double kSameSpacing = 0.05;   // relative; directions that close are the same
constexpr std::int64_t kRows = 100000;  // more than a block has rows

using ById = std::unordered_map<std::int64_t, const Tree*>;

ById by_id(const std::vector<Tree>& trees) {
  ById result;
  for (const Tree& tree : trees) result[tree.id] = &tree;
  return result;
}

double closest_spacing(const Survey& truth) {
  double least = 1e300;
  for (const Block& block : truth.blocks)
    for (const double spacing : {block.tree_spacing_m, block.row_spacing_m})
      if (spacing > 0) least = std::min(least, spacing);
  return least < 1e300 ? least : kNoBlockReachM / kGapReach;
}

struct Match {
  double distance_m = 0;
  int a = 0, b = 0;
};

/// Points of `a` with points of `b`, each at most once, the closest first.
std::vector<Match> matched(const std::vector<Point>& a,
                           const std::vector<Point>& b,
                           double reach_m) {
  if (a.empty() || b.empty()) return {};
  const PointIndex index(b);
  std::vector<Match> all, kept;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (const int k : index.within(a[i], reach_m))
      all.push_back({distance(a[i], b[static_cast<std::size_t>(k)]), static_cast<int>(i), k});
  std::stable_sort(all.begin(), all.end(), [](const Match& x, const Match& y) {
    return x.distance_m < y.distance_m;
  });
  std::unordered_set<int> taken_a, taken_b;
  for (const Match& m : all)
    if (!taken_a.contains(m.a) && !taken_b.contains(m.b)) {
      taken_a.insert(m.a);
      taken_b.insert(m.b);
      kept.push_back(m);
    }
  return kept;
}

std::vector<Point> positions_of(const std::vector<Gap>& gaps) {
  std::vector<Point> points;
  for (const Gap& gap : gaps) points.push_back(gap.position);
  return points;
}

void score_missing(const Survey& truth,
                   const Survey& found,
                   const std::unordered_set<std::int64_t>& seen,
                   SurveyScore& score) {
  const double reach_m = kGapReach * closest_spacing(truth);
  const auto wanted = positions_of(truth.missing), told = positions_of(found.missing);
  std::vector<char> is_right(told.size(), 0);
  for (const Match& m : matched(told, wanted, reach_m)) {
    is_right[static_cast<std::size_t>(m.a)] = 1;
    ++score.missing.right;
    score.missing_errors_m.push_back(m.distance_m);
  }
  score.missing.missed = static_cast<std::int64_t>(wanted.size()) - score.missing.right;
  std::vector<Point> unseen;
  for (const Tree& tree : truth.trees)
    if (!seen.contains(tree.id)) unseen.push_back(tree.position);
  const PointIndex index(unseen);
  for (std::size_t k = 0; k < told.size(); ++k) {
    if (is_right[k]) continue;
    if (!unseen.empty() && index.any_within(told[k], reach_m))
      ++score.overlooked;
    else
      ++score.missing.wrong;
  }
}

/// The mean place of values on a circle of the given length.
double phase_of(const std::vector<double>& values, double length) {
  Point mean;
  for (const double value : values) {
    const double turn = 2 * std::numbers::pi * value / length;
    mean = {mean.x + std::cos(turn), mean.y + std::sin(turn)};
  }
  return std::atan2(mean.y, mean.x) / (2 * std::numbers::pi) * length;
}

/// Labels of the same trees by the other directions in which this block's trees stand as close as
/// along its rows: one list a direction.
std::vector<std::vector<std::int64_t>> other_rows(const Block& block,
                                                  const std::vector<const Tree*>& trees) {
  const double s = block.tree_spacing_m, r = block.row_spacing_m;
  const auto is_like = [&](double other) { return std::abs(other / s - 1) < kSameSpacing; };
  const bool staggered = block.pattern == "quincunx";
  if (!(block.pattern == "square" && is_like(r)) && !(staggered && is_like(std::hypot(s / 2, r))))
    return {};
  const RowFrame frame = row_frame(block.row_angle_deg);
  const double step = staggered ? s / 2 : s;
  std::vector<double> along;
  for (const Tree* tree : trees)
    along.push_back(tree->position.x * frame.along.x + tree->position.y * frame.along.y);
  const double phase = phase_of(along, step);
  std::vector<std::vector<std::int64_t>> labels(staggered ? 2 : 1);
  for (std::size_t k = 0; k < trees.size(); ++k) {
    const std::int64_t column = std::llround((along[k] - phase) / step);
    const std::int64_t row = trees[k]->row_index;
    if (staggered) {
      labels[0].push_back(column + row);
      labels[1].push_back(column - row);
    } else {
      labels[0].push_back(column);
    }
  }
  return labels;
}

double score_rows(const Survey& truth, const std::vector<std::pair<const Tree*, const Tree*>>& of) {
  std::map<int, std::vector<const Tree*>> planted;
  std::map<int, std::vector<std::int64_t>> found;
  std::int64_t alone = -1;
  for (const auto& [tree, seen] : of) {
    if (tree->row_index <= 0) continue;
    planted[tree->block].push_back(tree);
    // A tree in no row is a row of its own.
    found[tree->block].push_back(seen->row_index > 0 ? seen->block * kRows + seen->row_index
                                                     : alone--);
  }
  std::vector<std::int64_t> all_true, all_found;
  for (const auto& [number, trees] : planted) {
    std::vector<std::int64_t> best;
    for (const Tree* tree : trees) best.push_back(tree->row_index);
    const auto block = std::find_if(truth.blocks.begin(), truth.blocks.end(), [&](const Block& b) {
      return b.block == number;
    });
    if (block != truth.blocks.end()) {
      double most = adjusted_rand(best, found[number]);
      for (auto& other : other_rows(*block, trees))
        if (const double ari = adjusted_rand(other, found[number]); ari > most) {
          most = ari;
          best = std::move(other);
        }
    }
    for (const std::int64_t label : best) all_true.push_back(number * 1000 * kRows + label);
    all_found.insert(all_found.end(), found[number].begin(), found[number].end());
  }
  return adjusted_rand(all_true, all_found);
}

void count(bool is_true, bool is_told, Counts& counts) {
  counts.right += is_true && is_told;
  counts.wrong += !is_true && is_told;
  counts.missed += is_true && !is_told;
}

}  // namespace

double adjusted_rand(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  check(a.size() == b.size(), "two labellings of the same things");
  std::map<std::pair<std::int64_t, std::int64_t>, double> cells;
  std::map<std::int64_t, double> of_a, of_b;
  for (std::size_t k = 0; k < a.size(); ++k) {
    ++cells[{a[k], b[k]}];
    ++of_a[a[k]];
    ++of_b[b[k]];
  }
  const auto pairs = [](double n) { return n * (n - 1) / 2; };
  double same = 0, in_a = 0, in_b = 0;
  for (const auto& [key, n] : cells) same += pairs(n);
  for (const auto& [key, n] : of_a) in_a += pairs(n);
  for (const auto& [key, n] : of_b) in_b += pairs(n);
  const double expected = in_a * in_b / std::max(1.0, pairs(static_cast<double>(a.size())));
  const double most = (in_a + in_b) / 2;
  return most > expected ? (same - expected) / (most - expected) : 1;
}

std::vector<TreePair> pair_by_position(const Survey& truth, const Survey& found, double reach) {
  std::vector<Point> a, b;
  for (const Tree& tree : found.trees) a.push_back(tree.position);
  for (const Tree& tree : truth.trees) b.push_back(tree.position);
  std::vector<TreePair> pairs;
  for (const Match& m : matched(a, b, reach * closest_spacing(truth)))
    pairs.push_back({truth.trees[static_cast<std::size_t>(m.b)].id,
                     found.trees[static_cast<std::size_t>(m.a)].id});
  return pairs;
}

SurveyScore score_survey(const Survey& truth,
                         const Survey& found,
                         const std::vector<TreePair>& pairs) {
  const ById true_trees = by_id(truth.trees), found_trees = by_id(found.trees);
  SurveyScore score;
  std::vector<std::pair<const Tree*, const Tree*>> of;
  std::unordered_set<std::int64_t> seen, right;
  for (const TreePair& pair : pairs) {
    const auto t = true_trees.find(pair.truth), f = found_trees.find(pair.found);
    if (t == true_trees.end() || f == found_trees.end()) continue;
    of.emplace_back(t->second, f->second);
    seen.insert(pair.truth);
    right.insert(pair.found);
  }
  const auto is_dead = [](const Tree& tree) { return tree.status == TreeStatus::Dead; };
  const auto is_poor = [](const Tree& tree) { return tree.health_class == HealthClass::Poor; };
  for (const auto& [t, f] : of) {
    if (t->area_m2 > 0 && f->area_m2 > 0)
      score.area_errors.push_back(std::abs(f->area_m2 - t->area_m2) / t->area_m2);
    count(is_dead(*t), is_dead(*f), score.dead);
    if (!is_dead(*t) && !is_dead(*f)) count(is_poor(*t), is_poor(*f), score.poor);
  }
  for (const Tree& tree : found.trees)
    if (!right.contains(tree.id)) score.dead.wrong += is_dead(tree);
  for (const Tree& tree : truth.trees)
    if (!seen.contains(tree.id)) score.dead.missed += is_dead(tree);
  score.trees.right = static_cast<std::int64_t>(of.size());
  score.trees.wrong = static_cast<std::int64_t>(found.trees.size()) - score.trees.right;
  score.trees.missed = static_cast<std::int64_t>(truth.trees.size()) - score.trees.right;
  score_missing(truth, found, seen, score);
  score.row_ari = score_rows(truth, of);
  return score;
}

}  // namespace canopy
