// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orchard/survey.h"

// Stretches of a row that do worse than the rows beside them: where to look at the irrigation line.
//
//   1. a tree's vigour is how many robust deviations it stands above a poor one (health.h turned
//      round: the median tree has 4, a dead one -4);
//   2. its shortfall is its vigour less the median of the trees beside it in the three rows on each
//      side: soil, shade and slope, which neighbouring rows share, cancel out;
//   3. in each row the stretch with the most significant drop is sought among all stretches of at
//      least `least_trees`, each tree counting for three deviations at most, so that two dead trees
//      make no stretch: mean drop times the root of the trees' number, over the spread of the whole
//      survey (a scan statistic, Kulldorff 1997); then again on both sides of it;
//   4. a stretch is told when that reaches `certainty` and its mean drop one deviation.
//
//   5. stretches of neighbouring rows that lie beside each other are one group: what they share
//      (a submain, a valve, the soil) is likelier than a blocked dripper in each.
//
// What a stretch looks like says what to look for: a whole row, one that is low from a tree to the
// end, one that is low in between; well-watered trees just before it point to a leak. A picture
// cannot tell a blocked dripper from a sick root: these are places to look at.

namespace canopy {

struct IrrigationOptions {
  int least_trees = 4;
  double certainty = 5;
  std::vector<std::string> blocks = {};
  template <class F>
  void describe(F& field) {
    field("least-trees", least_trees, "Shortest stretch that is told, in trees.");
    field(
        "certainty",
        certainty,
        "Deviations that a stretch must lie below its neighbours; less finds more and errs more.");
    field("blocks", blocks, "Only these blocks, by number; all when left out.");
  }
  void validate() const;
};

enum class FaultKind { WholeRow, ToTheEnd, Between, Leak };
const char* name_of(FaultKind kind);

struct IrrigationFault {
  FaultKind kind = FaultKind::Between;
  int block = 0, row_index = 0, from_tree = 0, to_tree = 0;  ///< tree numbers, both low
  int trees = 0;                                             ///< standing ones
  double drop = 0;                                           ///< mean, in deviations, more is worse
  double certainty = 0;                                      ///< as the option has it
  double length_m = 0;
  int group = 0, group_rows = 1;  ///< from 1, the worst first; rows that belong to it
  std::vector<Point> line;        ///< through its trees, in the survey's CRS
  std::string reason;             ///< in plain words
};

/// The worst first. Throws User when no row was found, or no tree of one has a health.
std::vector<IrrigationFault> irrigation_faults(const Survey& survey,
                                               const IrrigationOptions& options);

/// irrigation.geojson (lines), irrigation.csv, irrigation.gpx (where each begins) and
/// irrigation.json, which is returned.
nlohmann::ordered_json write_irrigation_faults(const std::vector<IrrigationFault>& faults,
                                               const Survey& survey,
                                               const IrrigationOptions& options,
                                               const std::filesystem::path& folder);

}  // namespace canopy
