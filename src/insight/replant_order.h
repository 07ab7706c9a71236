// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orchard/survey.h"

// How many trees to order, and where each goes: the gaps of the planting, and with `dead` the
// places of dead trees, which have to be pulled first.

namespace canopy {

struct ReplantOptions {
  bool dead = false;
  std::vector<std::string> blocks = {};
  template <class F>
  void describe(F& field) {
    field("dead", dead, "Replace dead trees too.");
    field("blocks", blocks, "Only these blocks, by number; all when left out.");
  }
};

struct ReplantOrder {
  struct BlockCount {
    int block = 0, missing = 0, dead = 0;
    int trees() const { return missing + dead; }
  };
  std::vector<Tree> places;        ///< by block, row and tree number
  std::vector<BlockCount> blocks;  ///< those of the survey that were asked for, also without places
  int missing() const;
  int dead() const;
};

/// Throws User when the survey found no row: then nobody knows where a tree is missing.
ReplantOrder replant_order(const Survey& survey, const ReplantOptions& options);

/// replant.csv, replant.gpx (waypoints), replant.geojson and replant.json, which is returned.
nlohmann::ordered_json write_replant_order(const ReplantOrder& order,
                                           const Survey& survey,
                                           const ReplantOptions& options,
                                           const std::filesystem::path& folder);

}  // namespace canopy
