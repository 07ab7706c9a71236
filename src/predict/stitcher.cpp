// SPDX-License-Identifier: Apache-2.0
#include "predict/stitcher.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"

namespace canopy {

/// What this tile's trees share with those of earlier tiles, counted over ground that both have
/// seen.
struct Stitcher::Overlaps {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t>
      common;  // (earlier root, local id)
  std::unordered_map<std::uint32_t, std::int64_t> earlier_area, local_area;
};

Stitcher::Stitcher(LabelPlane& plane, const TilePlan& plan, double join_iou)
    : plane_(plane), plan_(plan), join_iou_(join_iou), parent_{0}, evidence_(1) {}

std::uint32_t Stitcher::root(std::uint32_t id) const {
  while (parent_[id] != id) id = parent_[id];
  return id;
}

bool Stitcher::seen_before(std::size_t tile_index, std::int64_t x, std::int64_t y) const {
  const auto columns = static_cast<std::size_t>(plan_.columns);
  const std::size_t column = tile_index % columns;
  const auto in = [&](std::size_t index) {
    const Window& w = plan_.tiles[index].window;
    return x >= w.x && x < w.x_end() && y >= w.y && y < w.y_end();
  };
  if (column > 0 && in(tile_index - 1)) return true;
  if (tile_index < columns) return false;
  const std::size_t above = tile_index - columns;
  return in(above) || (column > 0 && in(above - 1)) || (column + 1 < columns && in(above + 1));
}

void Stitcher::join(const Overlaps& overlaps, std::uint32_t base) {
  struct Pair {
    double iou;
    std::uint32_t earlier, local;
  };
  std::vector<Pair> pairs;
  for (const auto& [key, common] : overlaps.common) {
    const auto both =
        overlaps.earlier_area.at(key.first) + overlaps.local_area.at(key.second) - common;
    const double iou = static_cast<double>(common) / static_cast<double>(both);
    if (iou >= join_iou_) pairs.push_back({iou, key.first, key.second});
  }
  std::stable_sort(
      pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.iou > b.iou; });
  std::unordered_map<std::uint32_t, bool> taken_earlier, taken_local;
  for (const Pair& pair : pairs) {
    if (taken_earlier[pair.earlier] || taken_local[pair.local]) continue;
    taken_earlier[pair.earlier] = taken_local[pair.local] = true;
    parent_[base + pair.local - 1] = root(pair.earlier);
  }
}

void Stitcher::add(std::size_t tile_index,
                   std::span<const std::uint32_t> local,
                   std::span<const TreeEvidence> trees) {
  const Tile& tile = plan_.tiles.at(tile_index);
  check(local.size() == static_cast<std::size_t>(plan_.size) * static_cast<std::size_t>(plan_.size),
        "an id map of the tile's window");
  const auto base = static_cast<std::uint32_t>(parent_.size());
  for (std::size_t k = 0; k < trees.size(); ++k) {
    parent_.push_back(base + static_cast<std::uint32_t>(k));
    evidence_.push_back(trees[k]);
  }
  const Window area = intersection(tile.window, Window{0, 0, plan_.width, plan_.height});
  std::vector<std::uint32_t> ids(static_cast<std::size_t>(area.area()));
  plane_.read(area, ids.data());

  Overlaps overlaps;
  std::size_t i = 0;
  for (std::int64_t y = area.y; y < area.y_end(); ++y) {
    const auto row = static_cast<std::size_t>((y - tile.window.y) * plan_.size - tile.window.x);
    const bool core_row = y >= tile.core.y && y < tile.core.y_end();
    for (std::int64_t x = area.x; x < area.x_end(); ++x, ++i) {
      const std::uint32_t mine = local[row + static_cast<std::size_t>(x)];
      const std::uint32_t theirs = ids[i];
      if (mine == 0 && theirs == 0) continue;
      check(mine <= trees.size(), "a local id has its evidence");
      if (theirs != 0 || seen_before(tile_index, x, y)) {
        const std::uint32_t earlier = root(theirs);
        if (mine) ++overlaps.local_area[mine];
        if (theirs) ++overlaps.earlier_area[earlier];
        if (mine && theirs) ++overlaps.common[{earlier, mine}];
      }
      const bool decides = core_row && x >= tile.core.x && x < tile.core.x_end();
      if (mine && (decides || theirs == 0)) ids[i] = base + mine - 1;
    }
  }
  join(overlaps, base);
  plane_.write(area, ids.data());
}

std::vector<StitchedTree> Stitcher::finish(std::int64_t min_pixels) {
  constexpr std::int64_t kBlock = 1024;
  std::vector<std::uint32_t> block;
  const auto each_block = [&](const auto& visit) {
    for (std::int64_t y = 0; y < plan_.height; y += kBlock) {
      for (std::int64_t x = 0; x < plan_.width; x += kBlock) {
        const Window window =
            intersection({x, y, kBlock, kBlock}, {0, 0, plan_.width, plan_.height});
        block.resize(static_cast<std::size_t>(window.area()));
        plane_.read(window, block.data());
        visit(window);
      }
    }
  };

  std::vector<std::uint32_t> roots(parent_.size());
  for (std::uint32_t id = 0; id < roots.size(); ++id) roots[id] = root(id);
  std::vector<std::int64_t> pixels(parent_.size(), 0);
  each_block([&](const Window&) {
    for (const std::uint32_t id : block) ++pixels[roots[id]];
  });

  std::vector<std::uint32_t> final_id(parent_.size(), 0);
  std::vector<StitchedTree> trees;
  for (std::uint32_t id = 1; id < roots.size(); ++id) {
    if (pixels[roots[id]] < std::max<std::int64_t>(1, min_pixels)) continue;
    if (roots[id] == id) {
      trees.push_back({static_cast<std::uint32_t>(trees.size() + 1), 0, 1, pixels[id]});
      final_id[id] = trees.back().id;
    } else {
      final_id[id] = final_id[roots[id]];
    }
    StitchedTree& tree = trees[final_id[id] - 1];
    if (evidence_[id].score > tree.score) {
      tree.score = evidence_[id].score;
      tree.label = evidence_[id].label;
    }
  }
  each_block([&](const Window& window) {
    for (std::uint32_t& id : block) id = final_id[id];
    plane_.write(window, block.data());
  });
  return trees;
}

}  // namespace canopy
