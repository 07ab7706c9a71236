// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "geo/vector_file.h"
#include "orchard/survey.h"

// What to do about a survey, as files that phones, spreadsheets and machines read. Each kind
// (`replant_order`, `scout_walk`, `rate_zones`, `irrigation_faults`) works from a Survey alone,
// makes layers in EPSG:4326, and ends with a record, KIND.json, which is the commit: figures,
// options, the survey, and each file with its size and SHA-256. Kinds may share a folder. The whole
// contract: docs/prescriptions.md.

namespace canopy {

/// Opens the folder of a survey, or a trees.gpkg alone. Throws NotFound; User when it holds no
/// tree, has no CRS, or when lat and lng, or x and y, stand in each other's columns.
Survey open_survey(const std::filesystem::path& path);

/// "B1 R3 T12": how the files name a tree's place; a tree in no row is "tree 77".
std::string place_name(const Tree& tree);

/// Trees as points in EPSG:4326, named `name`: place, block, row_index, tree_index, status, health,
/// lat, lng, and name, desc, sym for GPX. `columns` chooses among them.
VectorLayer layer_of(const std::vector<Tree>& trees,
                     const std::string& name,
                     const std::vector<std::string>& columns);

/// One prescription on its way to disk.
class PrescriptionFiles {
 public:
  /// Removes an older record of that kind, so that a folder without it is unfinished.
  PrescriptionFiles(std::filesystem::path folder, std::string kind);
  /// write_vector under this name, to be listed.
  void write(const std::string& name, const std::vector<VectorLayer>& layers);
  void write_bytes(const std::string& name, const std::string& bytes);
  /// Lists what another writer left.
  void add(const std::string& name);
  const std::filesystem::path& folder() const { return folder_; }
  /// Writes KIND.json and returns it: {"schema", "kind", "survey_id", "figures", "options",
  /// "files"}.
  nlohmann::ordered_json commit(const Survey& survey,
                                const nlohmann::ordered_json& figures,
                                const nlohmann::ordered_json& options);

 private:
  std::filesystem::path folder_;
  std::string kind_;
  std::vector<std::string> names_;
};

}  // namespace canopy
