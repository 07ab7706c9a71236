// SPDX-License-Identifier: Apache-2.0
#include "geo/label_parts.h"

#include <numeric>
#include <unordered_map>

namespace canopy {
namespace {

/// Union-find over runs; the root of a part is its first run.
class Parts {
 public:
  explicit Parts(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

std::vector<LabelRun> runs_of(const std::vector<std::uint32_t>& id_map, int width, int height) {
  std::vector<LabelRun> runs;
  for (int y = 0; y < height; ++y) {
    const std::uint32_t* row = id_map.data() + static_cast<std::int64_t>(y) * width;
    for (int x = 0; x < width;) {
      int end = x + 1;
      while (end < width && row[end] == row[x]) ++end;
      if (row[x] != 0) runs.push_back({y, x, end, row[x]});
      x = end;
    }
  }
  return runs;
}

void join_rows(const std::vector<LabelRun>& runs, Parts& parts) {
  std::size_t above = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const LabelRun& run = runs[i];
    const auto is_before = [&](const LabelRun& other) {
      return other.row < run.row - 1 || (other.row == run.row - 1 && other.end <= run.begin);
    };
    while (above < i && is_before(runs[above])) ++above;
    for (std::size_t k = above; k < i && runs[k].row == run.row - 1 && runs[k].begin < run.end; ++k)
      if (runs[k].id == run.id) parts.join(k, i);
  }
}

}  // namespace

std::vector<LabelRun> label_runs(const std::vector<std::uint32_t>& id_map, int width, int height) {
  std::vector<LabelRun> runs = runs_of(id_map, width, height);
  Parts parts(runs.size());
  join_rows(runs, parts);
  std::vector<std::int64_t> sizes(runs.size(), 0);
  for (std::size_t i = 0; i < runs.size(); ++i) sizes[parts.root(i)] += runs[i].end - runs[i].begin;
  std::unordered_map<std::uint32_t, std::size_t> largest;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (parts.root(i) != i) continue;
    const auto [it, is_new] = largest.emplace(runs[i].id, i);
    if (!is_new && sizes[i] > sizes[it->second]) it->second = i;
  }
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs[i].is_largest = largest[runs[i].id] == parts.root(i);
  return runs;
}

}  // namespace canopy
