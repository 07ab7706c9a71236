// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_files.h"

#include <algorithm>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "geo/vector_file.h"
#include "insight/survey_layers.h"
#include "insight/survey_parquet.h"
#include "insight/survey_styles.h"
#include "insight/survey_summary.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "canopy survey 1";
/// Layers that are GeoJSON files too, by their place in `layers_of`.
constexpr std::pair<const char*, std::size_t> kGeoJson[] = {
    {"trees.geojson", 0}, {"missing.geojson", 1}, {"rows.geojson", 2}};
constexpr const char* kWritten[] = {
    "trees.gpkg", "trees.parquet", "trees.geojson", "missing.geojson", "rows.geojson", "trees.csv"};
constexpr const char* kOthers[] = {"labels.tif", "ortho.tif"};

Json file_entry(const fs::path& folder, const char* name) {
  return {{"name", name},
          {"bytes", fs::file_size(folder / name)},
          {"sha256", sha256_of_file(folder / name)}};
}

/// survey.json of `folder`, checked for being one.
Json manifest_of(const fs::path& folder) {
  const fs::path path = folder / "survey.json";
  if (!fs::exists(path))
    throw Error(Fault::NotFound,
                folder.string() + ": no survey.json here; give the folder of a finished survey");
  Json manifest = Json::parse(read_file(path), nullptr, false);
  require(
      manifest.is_object() && manifest.value("schema", Json()) == kSchema &&
          manifest.contains("survey") && manifest.contains("files") && manifest["files"].is_array(),
      [&] { return path.string() + ": not the survey.json of a survey; write the survey again"; });
  return manifest;
}

}  // namespace

void write_survey(const Survey& survey,
                  const fs::path& folder,
                  const SurveyProvenance& provenance) {
  require(!survey.survey_id.empty(), "the survey has no id; give it one");
  std::set<std::int64_t> ids;
  for (const Tree& tree : survey.trees)
    require(ids.insert(tree.id).second, [&] {
      return "two trees have the id " + std::to_string(tree.id) +
             "; ids must be unique in a survey";
    });
  fs::create_directories(folder);
  fs::remove(folder / "survey.json");
  sync_folder(folder);
  const auto layers = layers_of(survey);
  write_vector(folder / "trees.gpkg", layers, survey_styles(layers[0].kind));
  write_survey_parquet(survey, folder / "trees.parquet");
  // RFC 7946 knows no CRS but WGS 84: without a CRS there is nothing to write it in.
  const bool has_crs = !survey.crs_wkt.empty();
  for (const auto& [name, layer] : kGeoJson) {
    if (has_crs)
      write_vector(folder / name, {layers[layer]});
    else
      fs::remove(folder / name);
  }
  write_file(folder / "trees.csv", csv_of(survey));

  Json files = Json::array();
  for (const char* name : kWritten)
    if (fs::exists(folder / name)) files.push_back(file_entry(folder, name));
  for (const char* name : kOthers)
    if (fs::exists(folder / name)) files.push_back(file_entry(folder, name));
  Json manifest = {{"schema", kSchema},
                   {"survey", survey_summary(survey)},
                   {"model_id", survey.model_id},
                   {"captured_on", survey.captured_on},
                   {"crs", survey.crs_wkt},
                   {"gsd_m", survey.gsd_m},
                   {"row_count", survey.rows.size()},
                   {"blocks", Json::array()},
                   {"inputs", provenance.inputs},
                   {"options", provenance.options},
                   {"notes", provenance.notes},
                   {"files", files}};
  for (const Block& b : survey.blocks)
    manifest["blocks"].push_back({{"block", b.block},
                                  {"name", b.name},
                                  {"pattern", b.pattern},
                                  {"row_spacing_m", b.row_spacing_m},
                                  {"tree_spacing_m", b.tree_spacing_m},
                                  {"row_angle_deg", b.row_angle_deg}});
  if (!provenance.made_at.empty()) manifest["made_at"] = provenance.made_at;
  write_file(folder / "survey.json", manifest.dump(2) + "\n");
}

Survey read_survey(const fs::path& folder) {
  const Json manifest = manifest_of(folder);
  for (const Json& file : manifest["files"]) {
    const std::string name = file.value("name", std::string());
    if (name != "trees.gpkg") continue;
    require(fs::exists(folder / name) &&
                sha256_of_file(folder / name) == file.value("sha256", std::string()),
            [&] {
              return (folder / name).string() +
                     ": changed or gone since survey.json was written; write the survey again";
            });
  }
  Survey survey;
  const Json& figures = manifest["survey"];
  survey.survey_id = figures.value("survey_id", std::string());
  survey.hectares =
      figures.value("hectares", Json()).is_number() ? figures["hectares"].get<double>() : 0;
  survey.canopy_cover =
      figures.value("canopy_cover", Json()).is_number() ? figures["canopy_cover"].get<double>() : 0;
  survey.model_id = manifest.value("model_id", std::string());
  survey.captured_on = manifest.value("captured_on", std::string());
  survey.crs_wkt = manifest.value("crs", std::string());
  survey.gsd_m = manifest.value("gsd_m", 0.0);
  std::vector<VectorLayer> layers;
  for (const std::string& name : layer_names(folder / "trees.gpkg"))
    if (name != "layer_styles") layers.push_back(read_vector(folder / "trees.gpkg", name));
  read_layers(layers, survey);
  // Blocks without an outline ("none") are in the manifest alone.
  for (const Json& b : manifest.value("blocks", Json::array()))
    if (const int number = b.value("block", 0);
        b.value("pattern", "") == "none" &&
        std::none_of(survey.blocks.begin(), survey.blocks.end(), [&](const Block& there) {
          return there.block == number;
        })) {
      survey.blocks.emplace_back();
      survey.blocks.back().block = number;
      survey.blocks.back().pattern = "none";
      survey.blocks.back().name = b.value("name", "");
    }
  return survey;
}

}  // namespace canopy
