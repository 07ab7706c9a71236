// SPDX-License-Identifier: Apache-2.0
#include "insight/irrigation_groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "insight/point_index.h"

namespace canopy {
namespace {

constexpr double kBeside = 1.5;  // row spacings, from a tree to one of the next row
constexpr double kShared = 0.5;  // of the shorter stretch's trees

bool are_beside(const IrrigationFault& a, const IrrigationFault& b, double row_spacing_m) {
  if (a.block != b.block || std::abs(a.row_index - b.row_index) != 1) return false;
  const auto& shorter = a.line.size() <= b.line.size() ? a.line : b.line;
  const PointIndex longer(&shorter == &a.line ? b.line : a.line);
  const auto beside = std::count_if(shorter.begin(), shorter.end(), [&](const Point& p) {
    return longer.any_within(p, kBeside * row_spacing_m);
  });
  return static_cast<double>(beside) >= kShared * static_cast<double>(shorter.size());
}

std::string together(int rows, int first, int last) {
  return "; " + std::to_string(rows) + " rows side by side (" + std::to_string(first) + " to " +
         std::to_string(last) +
         ") do so together: look first at what they share, a submain or valve, the soil, a disease";
}

}  // namespace

void group_faults(const Survey& survey, std::vector<IrrigationFault>& faults) {
  std::map<int, double> row_spacing_m;
  for (const Block& block : survey.blocks) row_spacing_m[block.block] = block.row_spacing_m;
  std::vector<std::size_t> parent(faults.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t k) {
    while (parent[k] != k) k = parent[k];
    return k;
  };
  for (std::size_t a = 0; a < faults.size(); ++a)
    for (std::size_t b = a + 1; b < faults.size(); ++b)
      if (are_beside(faults[a], faults[b], row_spacing_m[faults[a].block])) {
        const std::size_t i = root(a), j = root(b);
        parent[std::max(i, j)] = std::min(i, j);
      }
  std::map<std::size_t, std::set<int>> rows;
  std::map<std::size_t, int> number;
  for (std::size_t k = 0; k < faults.size(); ++k) {
    rows[root(k)].insert(faults[k].row_index);
    number.try_emplace(root(k), static_cast<int>(number.size()) + 1);
  }
  for (std::size_t k = 0; k < faults.size(); ++k) {
    const std::set<int>& of_group = rows.at(root(k));
    faults[k].group = number.at(root(k));
    faults[k].group_rows = static_cast<int>(of_group.size());
    if (of_group.size() > 1)
      faults[k].reason += together(faults[k].group_rows, *of_group.begin(), *of_group.rbegin());
  }
}

int group_count(const std::vector<IrrigationFault>& faults) {
  int most = 0;
  for (const IrrigationFault& fault : faults) most = std::max(most, fault.group);
  return most;
}

}  // namespace canopy
