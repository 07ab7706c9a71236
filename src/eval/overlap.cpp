// SPDX-License-Identifier: Apache-2.0
#include "eval/overlap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "eval/tree_centre.h"

namespace canopy {
namespace {

double box_intersection(const CocoBox& a, const CocoBox& b) {
  const double w = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  if (w <= 0) return 0;
  const double h = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return h <= 0 ? 0 : w * h;
}

/// A shape of either kind with what the test of a pair needs at hand.
struct Shape {
  CocoBox box;
  double area;
  const Rle* mask;
};

Shape shape_of(const CocoBox& box, const Rle& mask, Overlap kind) {
  if (kind == Overlap::Box) return {box, box.width * box.height, nullptr};
  return {box_of(mask), static_cast<double>(area_px(mask)), &mask};
}

double intersection(const Shape& a, const Shape& b) {
  const double shared = box_intersection(a.box, b.box);
  if (shared <= 0 || a.mask == nullptr) return shared;
  return static_cast<double>(intersection_px(*a.mask, *b.mask));
}

}  // namespace

std::vector<int> by_score(const Scene& scene) {
  for (const FoundTree& tree : scene.found)
    require(std::isfinite(tree.score), [&] { return scene.name + ": a score is not a number"; });
  std::vector<int> order(scene.found.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return scene.found[a].score > scene.found[b].score;
  });
  return order;
}

std::vector<std::vector<OverlapPair>> overlaps(const Scene& scene,
                                               const std::vector<int>& found,
                                               Overlap kind,
                                               bool any_category) {
  std::vector<Shape> truths;
  truths.reserve(scene.truth.size());
  for (const TruthTree& tree : scene.truth) truths.push_back(shape_of(tree.box, tree.mask, kind));
  std::vector<std::vector<OverlapPair>> pairs(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const FoundTree& tree = scene.found[found[i]];
    const Shape shape = shape_of(tree.box, tree.mask, kind);
    for (std::size_t t = 0; t < truths.size(); ++t) {
      if (!any_category && scene.truth[t].category != tree.category) continue;
      const double shared = intersection(shape, truths[t]);
      if (shared <= 0) continue;
      const double whole =
          scene.truth[t].is_crowd ? shape.area : shape.area + truths[t].area - shared;
      pairs[i].push_back({static_cast<int>(t), shared / whole});
    }
  }
  return pairs;
}

double found_area_px(const FoundTree& tree, Overlap kind) {
  return kind == Overlap::Box ? tree.box.width * tree.box.height
                              : static_cast<double>(area_px(tree.mask));
}

bool is_mostly_ignored(const Scene& scene, const FoundTree& tree, Overlap kind) {
  if (scene.ignore.counts.size() < 2) return false;
  if (holds(scene.ignore, centre_of(tree, kind))) return true;
  const auto by_half = [&](const Rle& shape) {
    const std::int64_t area = area_px(shape);
    return area > 0 && 2 * intersection_px(shape, scene.ignore) >= area;
  };
  if (kind == Overlap::Mask) return by_half(tree.mask);
  const int height = scene.ignore.height, width = scene.ignore.width;
  const auto pixel = [](double v, int limit) {
    return static_cast<int>(std::clamp(std::round(v), 0.0, static_cast<double>(limit)));
  };
  const int x0 = pixel(tree.box.x, width), x1 = pixel(tree.box.x + tree.box.width, width);
  const int y0 = pixel(tree.box.y, height), y1 = pixel(tree.box.y + tree.box.height, height);
  const std::vector<std::uint8_t> filled(
      static_cast<std::size_t>(std::max(0, y1 - y0)) * std::max(0, x1 - x0), 1);
  return by_half(rle_of_patch(filled, y1 - y0, x1 - x0, x0, y0, height, width));
}

}  // namespace canopy
