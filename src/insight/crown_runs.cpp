// SPDX-License-Identifier: Apache-2.0
#include "insight/crown_runs.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>

#include "base/error.h"
#include "geo/rasterize.h"

namespace canopy {
namespace {

// Touching crowns of more ground than this (a hedge across the whole farm) are traced one by one,
// each with its neighbours.
constexpr std::int64_t kMostPixels = 32'000'000;

struct Box {
  std::int64_t x0 = std::numeric_limits<std::int64_t>::max(), y0 = x0;
  std::int64_t x1 = std::numeric_limits<std::int64_t>::min(), y1 = x1;
  void take(std::int64_t row, std::int64_t begin, std::int64_t end) {
    x0 = std::min(x0, begin);
    x1 = std::max(x1, end);
    y0 = std::min(y0, row);
    y1 = std::max(y1, row + 1);
  }
  std::int64_t area() const { return (x1 - x0) * (y1 - y0); }
};

/// Union-find over positions of a sorted list.
struct Groups {
  std::vector<std::size_t> parent;
  explicit Groups(std::size_t n) : parent(n) {
    std::iota(parent.begin(), parent.end(), std::size_t{0});
  }
  std::size_t root(std::size_t k) {
    while (parent[k] != k) k = parent[k] = parent[parent[k]];
    return k;
  }
  void join(std::size_t a, std::size_t b) { parent[root(a)] = root(b); }
};

}  // namespace

void CrownRuns::add(const Window& window, const std::vector<std::uint32_t>& ids) {
  check(static_cast<std::int64_t>(ids.size()) == window.area(),
        "a tile of ids has as many pixels as its window");
  std::size_t k = 0;
  for (std::int64_t row = window.y; row < window.y_end(); ++row) {
    std::uint32_t before = 0;
    for (std::int64_t x = window.x; x < window.x_end(); ++x, ++k) {
      const std::uint32_t id = ids[k];
      if (id != 0 && id == before)
        ++runs_.back().end;
      else if (id != 0)
        runs_.push_back({row, x, x + 1, id});
      before = id;
    }
  }
}

/// Crowns with their runs and neighbours; `places` are indices into the ascending ids.
class CrownRuns::Tracer {
 public:
  explicit Tracer(std::vector<Run> runs) : runs_(std::move(runs)), groups_(0) {
    std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) {
      return std::tie(a.row, a.begin) < std::tie(b.row, b.begin);
    });
    for (const Run& run : runs_) ids_.push_back(run.id);
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    runs_of_.resize(ids_.size());
    neighbours_.resize(ids_.size());
    groups_ = Groups(ids_.size());
    find_neighbours();
  }

  std::map<std::uint32_t, Polygon> outlines(double simplify_px) {
    std::map<std::size_t, std::vector<std::size_t>> members_of;
    for (std::size_t place = 0; place < ids_.size(); ++place)
      members_of[groups_.root(place)].push_back(place);
    for (const auto& [root, members] : members_of) {
      const Box box = box_of(members);
      if (box.area() <= kMostPixels) {
        trace(members, members, box, simplify_px);
        continue;
      }
      for (const std::size_t m : members) {
        std::vector<std::size_t> near(neighbours_[m].begin(), neighbours_[m].end());
        near.push_back(m);
        trace(near, {m}, box_of(near), simplify_px);
      }
    }
    return std::move(result_);
  }

 private:
  std::size_t place_of(std::uint32_t id) const {
    return static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
  }

  /// Crowns that share an edge or a corner: lines that meet in a corner are cut at the same point.
  void find_neighbours() {
    std::vector<std::size_t> crown(runs_.size());
    std::size_t above = 0;
    for (std::size_t k = 0; k < runs_.size(); ++k) {
      crown[k] = place_of(runs_[k].id);
      runs_of_[crown[k]].push_back(k);
      const auto touch = [&](std::size_t other) {
        if (crown[other] == crown[k]) return;
        groups_.join(crown[k], crown[other]);
        neighbours_[crown[k]].insert(crown[other]);
        neighbours_[crown[other]].insert(crown[k]);
      };
      if (k > 0 && runs_[k - 1].row == runs_[k].row && runs_[k - 1].end == runs_[k].begin)
        touch(k - 1);
      while (runs_[above].row < runs_[k].row - 1 ||
             (runs_[above].row == runs_[k].row - 1 && runs_[above].end < runs_[k].begin))
        ++above;
      for (std::size_t a = above;
           a < k && runs_[a].row == runs_[k].row - 1 && runs_[a].begin <= runs_[k].end;
           ++a)
        touch(a);
    }
  }

  Box box_of(const std::vector<std::size_t>& members) const {
    Box box;
    for (const std::size_t m : members)
      for (const std::size_t k : runs_of_[m]) box.take(runs_[k].row, runs_[k].begin, runs_[k].end);
    return box;
  }

  /// The runs of `members` within `window` as a picture of ids.
  std::vector<std::uint32_t> paint(const std::vector<std::size_t>& members,
                                   const Window& window) const {
    std::vector<std::uint32_t> map(static_cast<std::size_t>(window.area()), 0);
    for (const std::size_t m : members) {
      for (const std::size_t k : runs_of_[m]) {
        const Run& run = runs_[k];
        if (run.row < window.y || run.row >= window.y_end()) continue;
        const std::int64_t begin = std::max(run.begin, window.x),
                           end = std::min(run.end, window.x_end());
        if (begin < end)
          std::fill_n(map.begin() + (run.row - window.y) * window.width + (begin - window.x),
                      end - begin,
                      run.id);
      }
    }
    return map;
  }

  /// Traces `members` together and keeps the outlines of `wanted`.
  void trace(const std::vector<std::size_t>& members,
             const std::vector<std::size_t>& wanted,
             const Box& box,
             double simplify_px) {
    const Window window{box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0};
    for (IdOutline& outline : canopy::outlines(paint(members, window),
                                               static_cast<int>(window.width),
                                               static_cast<int>(window.height),
                                               simplify_px)) {
      const std::size_t place = place_of(outline.id);
      if (std::find(wanted.begin(), wanted.end(), place) == wanted.end()) continue;
      for (Ring& ring : outline.polygon.rings)
        for (Point& p : ring)
          p = {p.x + static_cast<double>(window.x), p.y + static_cast<double>(window.y)};
      result_[outline.id] = std::move(outline.polygon);
    }
  }

  std::vector<Run> runs_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::vector<std::size_t>> runs_of_;
  std::vector<std::set<std::size_t>> neighbours_;
  Groups groups_;
  std::map<std::uint32_t, Polygon> result_;
};

std::map<std::uint32_t, Polygon> CrownRuns::outlines(double simplify_px) const {
  return Tracer(runs_).outlines(simplify_px);
}

}  // namespace canopy
