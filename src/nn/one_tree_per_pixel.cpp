// SPDX-License-Identifier: Apache-2.0
#include "nn/one_tree_per_pixel.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <ATen/core/Tensor.h>

#include "base/error.h"
#include "nn/paste.h"

namespace canopy {
namespace {

/// Calls visit(index into the picture, probability) for each pixel that the mask claims.
template <class Visit>
void for_each_pixel(const PastedMask& mask, int width, double threshold, Visit visit) {
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x) {
      const float p = mask.probability[static_cast<std::size_t>(y) * mask.width + x];
      if (p >= threshold) visit(static_cast<std::size_t>(mask.y0 + y) * width + mask.x0 + x, p);
    }
}

/// Steps 1 and 2: ids k for the k-th of the returned instances.
std::vector<std::int64_t> claim_pixels(const Instances& found,
                                       const AssignOptions& options,
                                       TileLabels& labels) {
  const at::Tensor boxes = found.boxes.contiguous(), scores = found.scores.contiguous(),
                   masks = found.masks.contiguous();
  const int size = static_cast<int>(masks.size(-1));
  const float* score = scores.const_data_ptr<float>();
  std::vector<std::int64_t> order(scores.numel()), accepted;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return score[a] > score[b]; });
  std::vector<float> best(labels.ids.size(), 0.f);
  for (std::int64_t i : order) {
    if (score[i] < options.score_threshold) break;
    const PastedMask mask = paste_mask(masks.const_data_ptr<float>() + i * size * size,
                                       size,
                                       boxes.const_data_ptr<float>() + 4 * i,
                                       labels.height,
                                       labels.width);
    std::int64_t pixels = 0, visible = 0;
    for_each_pixel(mask, labels.width, options.mask_threshold, [&](std::size_t at, float) {
      ++pixels, visible += labels.ids[at] == 0;
    });
    if (pixels == 0 ||
        static_cast<double>(visible) < options.least_visible * static_cast<double>(pixels))
      continue;
    accepted.push_back(i);
    for_each_pixel(mask, labels.width, options.mask_threshold, [&](std::size_t at, float p) {
      if (labels.ids[at] != 0 && p * score[i] <= best[at]) return;
      labels.ids[at] = static_cast<std::uint32_t>(accepted.size());
      best[at] = p * score[i];
    });
  }
  return accepted;
}

/// Connected parts of equal ids.
struct Parts {
  std::vector<std::int32_t> part;  // by pixel, -1 on the background
  std::vector<std::uint32_t> id;   // by part
  std::vector<std::vector<std::size_t>> pixels;
};

template <class Visit>
void for_each_neighbour(std::size_t at, int height, int width, Visit visit) {
  const int y = static_cast<int>(at / width), x = static_cast<int>(at % width);
  for (int v = std::max(0, y - 1); v <= std::min(height - 1, y + 1); ++v)
    for (int u = std::max(0, x - 1); u <= std::min(width - 1, x + 1); ++u)
      if (u != x || v != y) visit(static_cast<std::size_t>(v) * width + u);
}

Parts connected_parts(const TileLabels& labels) {
  Parts parts;
  parts.part.assign(labels.ids.size(), -1);
  for (std::size_t start = 0; start < labels.ids.size(); ++start) {
    if (labels.ids[start] == 0 || parts.part[start] >= 0) continue;
    const auto number = static_cast<std::int32_t>(parts.id.size());
    parts.id.push_back(labels.ids[start]);
    std::vector<std::size_t>& pixels = parts.pixels.emplace_back(1, start);
    parts.part[start] = number;
    for (std::size_t next = 0; next < pixels.size(); ++next)
      for_each_neighbour(pixels[next], labels.height, labels.width, [&](std::size_t at) {
        if (parts.part[at] >= 0 || labels.ids[at] != labels.ids[start]) return;
        parts.part[at] = number;
        pixels.push_back(at);
      });
  }
  return parts;
}

/// Step 3. Fragments find their neighbours among the trees' largest parts and the fragments given
/// away before them.
void give_away_fragments(TileLabels& labels, std::size_t trees) {
  const Parts parts = connected_parts(labels);
  std::vector<std::int32_t> largest(trees + 1, -1), fragments;
  for (std::size_t k = 0; k < parts.id.size(); ++k) {
    std::int32_t& best = largest[parts.id[k]];
    if (best < 0 || parts.pixels[k].size() > parts.pixels[best].size())
      best = static_cast<std::int32_t>(k);
  }
  for (std::size_t k = 0; k < parts.id.size(); ++k)
    if (largest[parts.id[k]] != static_cast<std::int32_t>(k))
      fragments.push_back(static_cast<std::int32_t>(k));
  for (std::int32_t k : fragments)
    for (std::size_t at : parts.pixels[k]) labels.ids[at] = 0;
  for (bool changed = true;
       changed;) {  // a fragment may touch only other fragments until those are given away
    changed = false;
    for (std::int32_t& k : fragments) {
      if (k < 0) continue;
      std::map<std::uint32_t, int> border;
      for (std::size_t at : parts.pixels[k])
        for_each_neighbour(at, labels.height, labels.width, [&](std::size_t n) {
          if (labels.ids[n] != 0) ++border[labels.ids[n]];
        });
      if (border.empty()) continue;
      const auto longest = std::max_element(
          border.begin(), border.end(), [](auto& a, auto& b) { return a.second < b.second; });
      for (std::size_t at : parts.pixels[k]) labels.ids[at] = longest->first;
      k = -1;
      changed = true;
    }
  }
}

/// Numbers the trees that still have pixels anew and measures them.
void list_trees(TileLabels& labels, const std::vector<std::int64_t>& accepted) {
  std::vector<TileTree> all(accepted.size());
  for (std::size_t at = 0; at < labels.ids.size(); ++at) {
    if (labels.ids[at] == 0) continue;
    TileTree& tree = all[labels.ids[at] - 1];
    const int y = static_cast<int>(at / labels.width), x = static_cast<int>(at % labels.width);
    if (tree.pixels++ == 0) tree.x0 = x, tree.y0 = y;
    tree.x0 = std::min(tree.x0, x), tree.x1 = std::max(tree.x1, x + 1), tree.y1 = y + 1;
  }
  std::vector<std::uint32_t> number(accepted.size() + 1, 0);
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k].pixels == 0) continue;
    all[k].instance = accepted[k];
    labels.trees.push_back(all[k]);
    number[k + 1] = static_cast<std::uint32_t>(labels.trees.size());
  }
  for (std::uint32_t& id : labels.ids) id = number[id];
}

}  // namespace

void AssignOptions::validate() const {
  require(score_threshold >= 0 && score_threshold <= 1, "score-threshold must lie in 0 to 1");
  require(mask_threshold > 0 && mask_threshold < 1, "mask-threshold must lie between 0 and 1");
  require(least_visible >= 0 && least_visible <= 1, "least-visible must lie in 0 to 1");
}

TileLabels one_tree_per_pixel(const Instances& instances,
                              int height,
                              int width,
                              const AssignOptions& options) {
  TileLabels labels{
      height, width, std::vector<std::uint32_t>(static_cast<std::size_t>(height) * width), {}};
  if (instances.scores.numel() == 0) return labels;
  const std::vector<std::int64_t> accepted = claim_pixels(instances, options, labels);
  give_away_fragments(labels, accepted.size());
  list_trees(labels, accepted);
  return labels;
}

}  // namespace canopy
