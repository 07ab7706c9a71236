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

double iou_of(const Shape& found, const Shape& truth, bool is_crowd, double shared) {
  return shared / (is_crowd ? found.area : found.area + truth.area - shared);
}

/// The truths of a scene by their left edges, so that a found tree meets its neighbours alone.
class TruthShapes {
 public:
  TruthShapes(const Scene& scene, Overlap kind) {
    for (const TruthTree& tree : scene.truth) {
      shapes_.push_back(shape_of(tree.box, tree.mask, kind));
      widest_ = std::max(widest_, shapes_.back().box.width);
    }
    by_left_.resize(shapes_.size());
    std::iota(by_left_.begin(), by_left_.end(), 0);
    std::ranges::sort(by_left_, {}, [&](int t) { return shapes_[t].box.x; });
    for (const int t : by_left_) lefts_.push_back(shapes_[t].box.x);
  }

  const Shape& operator[](int truth) const { return shapes_[truth]; }

  /// Calls visit(truth, shared area of the boxes) for each whose box meets `box`.
  template <class Visit>
  void for_each_that_meets(const CocoBox& box, const Visit& visit) const {
    const double slack_px = 1;  // far above what rounding does to an edge
    const auto first = std::ranges::lower_bound(lefts_, box.x - widest_ - slack_px);
    for (auto at = first; at != lefts_.end() && *at < box.x + box.width; ++at) {
      const int truth = by_left_[static_cast<std::size_t>(at - lefts_.begin())];
      const double shared = box_intersection(box, shapes_[truth].box);
      if (shared > 0) visit(truth, shared);
    }
  }

 private:
  std::vector<Shape> shapes_;
  std::vector<int> by_left_;
  std::vector<double> lefts_;
  double widest_ = 0;
};

}  // namespace

void OverlapLists::end_list() {
  std::ranges::sort(pairs_.begin() + static_cast<std::ptrdiff_t>(begins_.back()),
                    pairs_.end(),
                    {},
                    &OverlapPair::truth);
  begins_.push_back(pairs_.size());
}

OverlapLists overlaps(const Scene& scene,
                      std::span<const int> found,
                      const OverlapOptions& options) {
  const TruthShapes truths(scene, options.kind);
  OverlapLists lists;
  for (const int f : found) {
    const FoundTree& tree = scene.found[f];
    const Shape shape = shape_of(tree.box, tree.mask, options.kind);
    truths.for_each_that_meets(shape.box, [&](int t, double shared_by_boxes) {
      const TruthTree& truth = scene.truth[t];
      if (!options.any_category && truth.category != tree.category) return;
      double shared = shared_by_boxes;
      if (shape.mask != nullptr) {
        // Masks share no more than their boxes do, and no more than either has. The bound is
        // rounded as the IoU is, so nothing is lost that reaches the least.
        const double most = std::min({shared, shape.area, truths[t].area});
        if (iou_of(shape, truths[t], truth.is_crowd, most) < options.least_iou) return;
        shared = static_cast<double>(intersection_px(*shape.mask, *truths[t].mask));
        if (shared <= 0) return;
      }
      const double iou = iou_of(shape, truths[t], truth.is_crowd, shared);
      if (iou >= options.least_iou) lists.add({t, iou});
    });
    lists.end_list();
  }
  return lists;
}

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
