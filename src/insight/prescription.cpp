// SPDX-License-Identifier: Apache-2.0
#include "insight/prescription.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "geo/crs.h"
#include "insight/survey_files.h"
#include "insight/survey_layers.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "canopy prescription 1";

Survey survey_of_package(const fs::path& path) {
  if (!fs::exists(path)) throw Error(Fault::NotFound, path.string() + ": no such file");
  const auto names = layer_names(path);
  require(std::find(names.begin(), names.end(), "trees") != names.end(), [&] {
    return path.string() + ": has no layer 'trees'; give the folder of a survey, or its trees.gpkg";
  });
  Survey survey;
  survey.survey_id = path.stem().string();
  std::vector<VectorLayer> layers;
  for (const std::string& name : names)
    if (name != "layer_styles") layers.push_back(read_vector(path, name));
  for (const VectorLayer& layer : layers)
    if (layer.name == "trees") survey.crs_wkt = layer.crs;
  read_layers(layers, survey);
  return survey;
}

double apart(const Point& a, const Point& b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// Columns that stand in each other's place are found at the first tree that can tell.
void require_columns_in_place(const Survey& survey, const fs::path& path) {
  const Reprojection to_degrees(survey.crs_wkt, "EPSG:4326");
  const auto closer_when_swapped = [](const Point& wanted, const Point& found, double near) {
    return apart(wanted, found) > near && apart(wanted, {found.y, found.x}) < near;
  };
  for (const Tree& tree : survey.trees) {
    if (tree.crown.empty()) continue;
    const Point centre = centroid_of(tree.crown);
    require(!closer_when_swapped(centre, tree.position, 1000), [&] {
      return path.string() + ": tree " + std::to_string(tree.id) +
             ": columns x and y are swapped; write the survey again";
    });
    require(!closer_when_swapped(to_degrees(centre), {tree.lng, tree.lat}, 0.01), [&] {
      return path.string() + ": tree " + std::to_string(tree.id) +
             ": columns lat and lng are swapped; write the survey again";
    });
  }
}

}  // namespace

Survey open_survey(const fs::path& path) {
  Survey survey = path.extension() == ".gpkg" ? survey_of_package(path) : read_survey(path);
  require(!survey.trees.empty(),
          [&] { return path.string() + ": the survey holds no tree; survey the mosaic again"; });
  require(!survey.crs_wkt.empty(), [&] {
    return path.string() +
           ": the survey has no CRS, so nobody could find its trees; survey a mosaic that has one";
  });
  require_columns_in_place(survey, path);
  return survey;
}

std::string place_name(const Tree& tree) {
  std::ostringstream name;
  if (tree.row_index == 0)
    name << "tree " << tree.id;
  else
    name << "B" << tree.block << " R" << tree.row_index << " T" << tree.tree_index;
  return name.str();
}

VectorLayer layer_of(const std::vector<Tree>& trees,
                     const std::string& name,
                     const std::vector<std::string>& columns) {
  VectorLayer layer{name, "EPSG:4326", GeometryKind::Point, columns, {}};
  for (const Tree& t : trees) {
    const std::string place = place_name(t), status = name_of(t.status);
    const std::map<std::string, Attribute> all = {{"place", place},
                                                  {"block", std::int64_t{t.block}},
                                                  {"row_index", std::int64_t{t.row_index}},
                                                  {"tree_index", std::int64_t{t.tree_index}},
                                                  {"status", status},
                                                  {"health", t.health},
                                                  {"lat", t.lat},
                                                  {"lng", t.lng},
                                                  {"name", place},
                                                  {"desc", status},
                                                  {"sym", std::string("Flag")}};
    Feature feature{GeometryKind::Point, {{t.lng, t.lat}}, {}, {}};
    for (const std::string& column : columns) feature.attributes[column] = all.at(column);
    layer.features.push_back(std::move(feature));
  }
  return layer;
}

PrescriptionFiles::PrescriptionFiles(fs::path folder, std::string kind)
    : folder_(std::move(folder)), kind_(std::move(kind)) {
  fs::create_directories(folder_);
  fs::remove(folder_ / (kind_ + ".json"));
  sync_folder(folder_);
}

void PrescriptionFiles::write(const std::string& name, const std::vector<VectorLayer>& layers) {
  write_vector(folder_ / name, layers);
  add(name);
}

void PrescriptionFiles::write_bytes(const std::string& name, const std::string& bytes) {
  write_file(folder_ / name, bytes);
  add(name);
}

void PrescriptionFiles::add(const std::string& name) { names_.push_back(name); }

Json PrescriptionFiles::commit(const Survey& survey, const Json& figures, const Json& options) {
  Json record = {{"schema", kSchema},
                 {"kind", kind_},
                 {"survey_id", survey.survey_id},
                 {"figures", figures},
                 {"options", options},
                 {"files", Json::array()}};
  for (const std::string& name : names_)
    record["files"].push_back({{"name", name},
                               {"bytes", fs::file_size(folder_ / name)},
                               {"sha256", sha256_of_file(folder_ / name)}});
  write_file(folder_ / (kind_ + ".json"), record.dump(2) + "\n");
  return record;
}

}  // namespace canopy
