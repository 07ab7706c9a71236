// SPDX-License-Identifier: Apache-2.0
#include "insight/irrigation_faults.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "base/options.h"
#include "geo/crs.h"
#include "insight/irrigation_groups.h"
#include "insight/point_index.h"
#include "insight/prescription.h"
#include "insight/tree_choice.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kDeadVigour = -4, kBestVigour = 8;
constexpr int kRowsBeside = 3, kTreesBeside = 3;
constexpr double kMostOfOneTree = 3, kLeastDrop = 1, kLeastSpread = 1;
constexpr int kTreesBefore = 3;
constexpr double kWellWatered = 1.5;

/// A standing tree of a row: its tree and its shortfall (negative when worse than its neighbours).
struct Stand {
  Tree tree;
  double vigour = 0, shortfall = 0;
};
using Line = std::vector<Stand>;
using Lines = std::map<std::pair<int, int>, Line>;  ///< by block and row, in planting order

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double vigour_of(const Tree& tree) {
  if (tree.status == TreeStatus::Dead || tree.health <= 0) return kDeadVigour;
  if (tree.health >= 1) return kBestVigour;
  return std::clamp(std::log(tree.health / (1 - tree.health)), kDeadVigour, kBestVigour);
}

Lines lines_of(const Survey& survey, const IrrigationOptions& options) {
  Lines lines;
  const TreeChoice standing{{"alive", "dead"}, 0, options.blocks};
  for (const Tree& tree : choose_trees(survey, standing))
    if (tree.row_index > 0 && std::isfinite(tree.health))
      lines[{tree.block, tree.row_index}].push_back({tree, vigour_of(tree), 0});
  return lines;
}

/// The vigour of the trees that stand nearest in the rows beside.
std::vector<double> beside(const Lines& lines, const std::pair<int, int>& key, const Point& at) {
  std::vector<double> values;
  for (int step = -kRowsBeside; step <= kRowsBeside; ++step) {
    const auto found = lines.find({key.first, key.second + step});
    if (step == 0 || found == lines.end()) continue;
    std::vector<std::pair<double, double>> near;
    for (const Stand& s : found->second) near.emplace_back(distance(at, s.tree.position), s.vigour);
    const auto end = near.begin() + std::min<long>(kTreesBeside, static_cast<long>(near.size()));
    std::partial_sort(near.begin(), end, near.end());
    for (auto it = near.begin(); it != end; ++it) values.push_back(it->second);
  }
  return values;
}

/// Fills the shortfalls; a row with none beside it is held against its block. Returns their spread.
double fill_shortfalls(Lines& lines) {
  std::map<int, std::vector<double>> of_block;
  for (const auto& [key, line] : lines)
    for (const Stand& s : line) of_block[key.first].push_back(s.vigour);
  std::vector<double> sizes;
  for (auto& [key, line] : lines)
    for (Stand& s : line) {
      const auto near = beside(lines, key, s.tree.position);
      const double expected = median(near.size() >= kTreesBeside ? near : of_block[key.first]);
      s.shortfall = std::clamp(s.vigour - expected, -kMostOfOneTree, kMostOfOneTree);
      sizes.push_back(std::abs(s.shortfall));
    }
  return std::max(kLeastSpread, 1.4826 * median(sizes));
}

struct Stretch {
  int first = 0, end = 0;  ///< of a line
  double mean = 0, certainty = 0;
};

std::optional<Stretch> worst_stretch(
    const Line& line, int from, int to, double spread, const IrrigationOptions& options) {
  std::optional<Stretch> worst;
  for (int first = from; first < to; ++first) {
    double sum = 0;
    for (int end = first + 1; end <= to; ++end) {
      sum += line[static_cast<std::size_t>(end - 1)].shortfall;
      const int trees = end - first;
      if (trees < options.least_trees || sum > -kLeastDrop * trees) continue;
      const double certainty = -sum / std::sqrt(trees) / spread;
      if (certainty >= options.certainty && (!worst || certainty > worst->certainty))
        worst = Stretch{first, end, sum / trees, certainty};
    }
  }
  return worst;
}

double mean_of(const Line& line, int from, int to) {
  double sum = 0;
  for (int k = from; k < to; ++k) sum += line[static_cast<std::size_t>(k)].shortfall;
  return sum / (to - from);
}

FaultKind kind_of(const Line& line, const Stretch& s) {
  const int count = static_cast<int>(line.size());
  const bool at_begin = s.first<2, at_end = s.end> count - 2;  // one tree may do well by luck
  if (at_begin && at_end) return FaultKind::WholeRow;
  const bool leak_before =
      s.first >= kTreesBefore && mean_of(line, s.first - kTreesBefore, s.first) >= kWellWatered;
  const bool leak_behind =
      s.end + kTreesBefore <= count && mean_of(line, s.end, s.end + kTreesBefore) >= kWellWatered;
  if (leak_before || leak_behind) return FaultKind::Leak;
  return at_begin || at_end ? FaultKind::ToTheEnd : FaultKind::Between;
}

std::string reason_of(const IrrigationFault& fault, bool at_begin) {
  std::ostringstream text;
  const int edge = at_begin ? fault.to_tree : fault.from_tree;
  switch (fault.kind) {
    case FaultKind::WholeRow:
      text << "the whole row does worse than the rows beside it: look at its valve and its inlet";
      break;
    case FaultKind::ToTheEnd:
      text << "from tree " << edge
           << " to the end of the row all do worse than the rows beside it: "
           << "the line is likely blocked or cut near tree " << edge;
      break;
    case FaultKind::Between:
      text << "trees " << fault.from_tree << " to " << fault.to_tree
           << " do worse than the rows beside them, the rest of the row does not: look for blocked "
              "drippers or a kink there";
      break;
    case FaultKind::Leak:
      text << "trees " << fault.from_tree << " to " << fault.to_tree
           << " do worse than the rows beside them, and those next to them better: the line may "
              "leak where they meet";
      break;
  }
  return text.str();
}

IrrigationFault fault_of(const Line& line, const Stretch& s) {
  IrrigationFault fault;
  const Tree &first = line[static_cast<std::size_t>(s.first)].tree,
             &last = line[static_cast<std::size_t>(s.end - 1)].tree;
  fault.kind = kind_of(line, s);
  fault.block = first.block;
  fault.row_index = first.row_index;
  fault.from_tree = first.tree_index;
  fault.to_tree = last.tree_index;
  fault.trees = s.end - s.first;
  fault.drop = -s.mean;
  fault.certainty = s.certainty;
  for (int k = s.first; k < s.end; ++k) {
    fault.line.push_back(line[static_cast<std::size_t>(k)].tree.position);
    if (k > s.first)
      fault.length_m += distance(fault.line[fault.line.size() - 2], fault.line.back());
  }
  fault.reason = reason_of(fault, s.first < 2);
  return fault;
}

void search(const Line& line,
            int from,
            int to,
            double spread,
            const IrrigationOptions& options,
            std::vector<IrrigationFault>& faults) {
  const auto worst = worst_stretch(line, from, to, spread, options);
  if (!worst) return;
  faults.push_back(fault_of(line, *worst));
  search(line, from, worst->first, spread, options, faults);
  search(line, worst->end, to, spread, options, faults);
}

Feature feature_of(const IrrigationFault& fault, std::vector<Point> points, GeometryKind kind) {
  std::ostringstream name;
  name << "B" << fault.block << " R" << fault.row_index << " T" << fault.from_tree << "-"
       << fault.to_tree;
  return {kind,
          std::move(points),
          {},
          {{"place", name.str()},
           {"kind", std::string(name_of(fault.kind))},
           {"block", std::int64_t{fault.block}},
           {"row_index", std::int64_t{fault.row_index}},
           {"from_tree", std::int64_t{fault.from_tree}},
           {"to_tree", std::int64_t{fault.to_tree}},
           {"trees", std::int64_t{fault.trees}},
           {"group", std::int64_t{fault.group}},
           {"group_rows", std::int64_t{fault.group_rows}},
           {"length_m", std::round(fault.length_m * 10) / 10},
           {"drop", std::round(fault.drop * 100) / 100},
           {"certainty", std::round(fault.certainty * 100) / 100},
           {"reason", fault.reason}}};
}

}  // namespace

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::WholeRow:
      return "whole row";
    case FaultKind::ToTheEnd:
      return "to the end";
    case FaultKind::Between:
      return "between";
    case FaultKind::Leak:
      return "leak";
  }
  return "unknown";
}

void IrrigationOptions::validate() const {
  require(least_trees >= 2, [&] {
    return "least-trees: " + std::to_string(least_trees) + " make no stretch; give 2 or more";
  });
  require(certainty > 0, [&] {
    return "certainty: " + std::to_string(certainty) + " finds everything; give more than 0";
  });
}

std::vector<IrrigationFault> irrigation_faults(const Survey& survey,
                                               const IrrigationOptions& options) {
  options.validate();
  require(!survey.rows.empty(), [&] {
    return "survey '" + survey.survey_id +
           "': no row was found, so no line can be told; prescribe scout needs no rows";
  });
  Lines lines = lines_of(survey, options);
  require(!lines.empty(), [&] {
    return "survey '" + survey.survey_id +
           "': no tree of a row has a health; survey a mosaic with a near infrared band";
  });
  const double spread = fill_shortfalls(lines);
  std::vector<IrrigationFault> faults;
  for (const auto& [key, line] : lines)
    search(line, 0, static_cast<int>(line.size()), spread, options, faults);
  std::stable_sort(faults.begin(), faults.end(), [](const auto& a, const auto& b) {
    return a.certainty > b.certainty;
  });
  group_faults(survey, faults);
  return faults;
}

Json write_irrigation_faults(const std::vector<IrrigationFault>& faults,
                             const Survey& survey,
                             const IrrigationOptions& options,
                             const std::filesystem::path& folder) {
  const Reprojection to_degrees(survey.crs_wkt, "EPSG:4326");
  VectorLayer lines{"irrigation",
                    "EPSG:4326",
                    GeometryKind::Line,
                    {"place",
                     "kind",
                     "block",
                     "row_index",
                     "from_tree",
                     "to_tree",
                     "trees",
                     "group",
                     "group_rows",
                     "length_m",
                     "drop",
                     "certainty",
                     "reason"},
                    {}};
  VectorLayer begins{"waypoints", "EPSG:4326", GeometryKind::Point, {"name", "desc", "sym"}, {}};
  double length = 0;
  std::int64_t trees = 0;
  for (const IrrigationFault& fault : faults) {
    std::vector<Point> points;
    for (const Point& p : fault.line) points.push_back(to_degrees(p));
    const Point begin = points.front();
    lines.features.push_back(feature_of(fault, std::move(points), GeometryKind::Line));
    begins.features.push_back({GeometryKind::Point,
                               {begin},
                               {},
                               {{"name", lines.features.back().attributes.at("place")},
                                {"desc", fault.reason},
                                {"sym", std::string("Flag")}}});
    length += fault.length_m;
    trees += fault.trees;
  }
  PrescriptionFiles files(folder, "irrigation");
  files.write("irrigation.geojson", {lines});
  files.write("irrigation.csv", {lines});
  files.write("irrigation.gpx", {begins});
  IrrigationOptions described = options;
  return files.commit(survey,
                      {{"stretches", faults.size()},
                       {"groups", group_count(faults)},
                       {"trees", trees},
                       {"length_m", length}},
                      Fields(described).to_json());
}

}  // namespace canopy
