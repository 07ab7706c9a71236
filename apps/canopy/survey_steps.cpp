// SPDX-License-Identifier: Apache-2.0
#include "survey_steps.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/s3_address.h"
#include "base/utc.h"
#include "geo/picture_file.h"
#include "geo/raster_writer.h"
#include "geo/vector_file.h"
#include "insight/make_survey.h"
#include "insight/radiometry.h"
#include "insight/survey_files.h"
#include "insight/survey_layers.h"
#include "insight/survey_styles.h"
#include "insight/survey_summary.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

RasterType raster_type(const std::string& dtype) {
  return dtype == "uint8"    ? RasterType::UInt8
         : dtype == "uint16" ? RasterType::UInt16
                             : RasterType::Float32;
}

/// The mosaic as a COG in the survey's folder, so that the map can read it by ranges: linked where
/// it is one already, on the same disk, copied otherwise. Bands keep their names and scale; pixels
/// without data become 0.
void keep_ortho(const Raster& ortho, const fs::path& target, Progress& progress) {
  std::error_code code;
  fs::create_directories(target.parent_path());  // a link needs it there
  if (ortho.is_cog() && !is_s3_address(ortho.path().string())) {
    if (fs::equivalent(ortho.path(), target, code)) return;
    fs::remove(target, code);
    fs::create_hard_link(fs::canonical(ortho.path()), target, code);
    if (!code) return;
  }
  RasterSpec spec;
  spec.width = ortho.width();
  spec.height = ortho.height();
  spec.type = raster_type(ortho.dtype());
  spec.bands = ortho.bands();
  spec.crs = ortho.crs();
  spec.world_from_pixel = ortho.world_from_pixel();
  spec.has_nodata = true;
  spec.scale = ortho.scale(0).value_or(0);
  RasterWriter writer(target, spec);
  std::vector<int> bands;
  for (std::size_t i = 0; i < ortho.bands().size(); ++i) bands.push_back(static_cast<int>(i));
  constexpr std::int64_t kRows = 512;
  progress.begin("picture", ortho.height(), "rows");
  for (std::int64_t y = 0; y < ortho.height(); y += kRows) {
    const Window window = intersection({0, y, ortho.width(), kRows}, ortho.window());
    const auto planes = ortho.read_raw(window, bands, nullptr);
    std::vector<std::uint8_t> all;
    for (const auto& plane : planes) all.insert(all.end(), plane.begin(), plane.end());
    writer.write(window, all.data());
    progress.update(window.y_end());
  }
  writer.finish();
  progress.end();
}

/// A survey's folder, which goes away again when the work fails and it was not there before. When
/// we were asked to stop it stays, with the tiles seen so far.
class NewFolder {
 public:
  explicit NewFolder(fs::path folder)
      : folder_(std::move(folder)), was_there_(fs::exists(folder_)) {}
  ~NewFolder() {
    std::error_code ignored;
    if (!was_there_ && !kept_ && !interrupted()) fs::remove_all(folder_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  void keep() { kept_ = true; }

 private:
  fs::path folder_;
  bool was_there_, kept_ = false;
};

std::string survey_id(const SurveyOptions& options, const fs::path& ortho) {
  return options.survey_id.empty() ? ortho.stem().string() : options.survey_id;
}

template <class Options>
nlohmann::ordered_json options_of(Options options) {
  return Fields(options).to_json();
}

nlohmann::ordered_json input_entry(const fs::path& path) {
  return {{"path", path.string()}, {"sha256", sha256_of_picture_file(path)}};
}

/// `provenance` comes with what the caller alone knows: the model or the labels, and the options.
Survey finish_survey(const Raster& ortho,
                     const fs::path& labels,
                     const std::string& model_id,
                     std::span<const TreeFinding> findings,
                     const SurveyOptions& options,
                     SurveyProvenance provenance,
                     const fs::path& folder,
                     Progress& progress) {
  const Raster label_map = Raster::open(labels);
  std::optional<Raster> dsm, dtm;
  if (!options.dsm.empty()) dsm = Raster::open(options.dsm);
  if (!options.dtm.empty()) dtm = Raster::open(options.dtm);
  SurveyInput input;
  input.labels = &label_map;
  input.ortho = &ortho;
  input.dsm = dsm ? &*dsm : nullptr;
  input.dtm = dtm ? &*dtm : nullptr;
  input.survey_id = survey_id(options, ortho.path());
  input.model_id = model_id;
  input.captured_on = options.captured_on;
  if (!options.boundary.empty()) {
    input.boundary = read_boundary(options.boundary, survey_crs(label_map));
    provenance.inputs["boundary"] = input_entry(options.boundary);
  }
  Survey survey = make_survey(input, findings, progress);
  require(!survey.trees.empty(), [&] {
    return ortho.path().string() +
           ": no tree was found; is it the right model, and are the bands named right?";
  });
  keep_ortho(ortho, folder / "ortho.tif", progress);
  provenance.inputs["ortho"] = input_entry(ortho.path());
  if (dsm) provenance.inputs["dsm"] = input_entry(options.dsm);
  if (dtm) provenance.inputs["dtm"] = input_entry(options.dtm);
  provenance.made_at = utc_now();
  provenance.notes = radiometry_notes(ortho);
  for (const std::string& note : provenance.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  write_survey(survey, folder, provenance);
  return survey;
}

bool has_pattern(const Survey& survey) {
  return std::any_of(survey.blocks.begin(), survey.blocks.end(), [](const Block& block) {
    return block.pattern != "none";
  });
}

}  // namespace

Survey survey_mosaic(const fs::path& ortho_path,
                     const fs::path& model_path,
                     const SurveyOptions& options,
                     const PredictOptions& predict_options,
                     const fs::path& folder,
                     Progress& progress,
                     Prediction* prediction) {
  const Raster ortho = Raster::open(ortho_path, options.mosaic.raster_options());
  const Model model = load_model(model_path);
  NewFolder made(folder);
  const fs::path labels = folder / "labels.tif";
  *prediction = predict_mosaic(ortho, model, predict_options, labels, progress);
  std::vector<TreeFinding> findings;
  for (const StitchedTree& tree : prediction->trees)
    findings.push_back({tree.id, tree.score, tree.label == 2});
  SurveyProvenance provenance;
  provenance.inputs["model_id"] = model.info.model_id;
  provenance.options = options_of(options);
  provenance.options.update(options_of(predict_options));
  Survey survey = finish_survey(ortho,
                                labels,
                                model.info.model_id,
                                findings,
                                options,
                                std::move(provenance),
                                folder,
                                progress);
  made.keep();
  return survey;
}

Survey survey_labels(const fs::path& ortho_path,
                     const fs::path& labels,
                     const SurveyOptions& options,
                     const fs::path& folder,
                     Progress& progress) {
  const Raster ortho = Raster::open(ortho_path, options.mosaic.raster_options());
  NewFolder made(folder);
  SurveyProvenance provenance;
  provenance.inputs["labels"] = input_entry(labels);
  provenance.options = options_of(options);
  Survey survey =
      finish_survey(ortho, labels, "", {}, options, std::move(provenance), folder, progress);
  made.keep();
  return survey;
}

Survey survey_table(const fs::path& table,
                    const TreeTableOptions& table_options,
                    const SurveyOptions& options,
                    const fs::path& output) {
  const std::string suffix = table.extension().string();
  require(suffix == ".csv" || suffix == ".gpkg" || suffix == ".geojson" || suffix == ".json" ||
              suffix == ".shp" || suffix == ".zip",
          [&] {
            return table.string() +
                   ": is no table of trees (.csv, .gpkg, .geojson, .shp); for a mosaic give its "
                   "label map too";
          });
  require(options.dsm.empty() && options.dtm.empty(),
          "dsm, dtm: a table has no crowns to measure; give the mosaic and its label map");
  TreeTable trees = read_tree_table(table, table_options);
  SurveyProvenance provenance;
  provenance.inputs["trees"] = input_entry(table);
  provenance.options = options_of(options);
  provenance.options.update(options_of(table_options));
  provenance.made_at = utc_now();
  Boundary boundary;
  if (!options.boundary.empty()) {
    boundary = read_boundary(options.boundary, trees.crs);
    provenance.inputs["boundary"] = input_entry(options.boundary);
  }
  Survey survey = survey_of(std::move(trees), survey_id(options, table), boundary);
  survey.captured_on = options.captured_on;
  if (output.extension() == ".gpkg") {
    const auto layers = layers_of(survey);
    write_vector(output, layers, survey_styles(layers[0].kind));
    return survey;
  }
  NewFolder made(output);
  write_survey(survey, output, provenance);
  made.keep();
  return survey;
}

void print_survey(const Survey& survey, const fs::path& folder) {
  const auto summary = survey_summary(survey);
  std::printf("%-10s %s in %zu block%s   dead %s   missing %s",
              "trees",
              format_count(static_cast<std::int64_t>(survey.trees.size())).c_str(),
              survey.blocks.size(),
              survey.blocks.size() == 1 ? "" : "s",
              format_count(summary.at("dead_tree_count")).c_str(),
              format_count(summary.at("missing_tree_count")).c_str());
  if (std::isfinite(survey.canopy_cover))
    std::printf("   canopy %.1f %%", survey.canopy_cover * 100);
  if (!summary.at("average_ndre").is_null())
    std::printf(
        "   NDRE %.2f +- %.2f",
        summary.at("average_ndre").get<double>(),
        summary.at("stddev_ndre").is_null() ? 0.0 : summary.at("stddev_ndre").get<double>());
  if (!has_pattern(survey))
    std::printf("\n%-10s no planting pattern found, so no missing trees can be told", "rows");
  if (folder.extension() == ".gpkg") {
    std::printf("\n%-10s %s\n", "file", folder.c_str());
    return;
  }
  std::printf("\n%-10s", "files");
  for (const char* name : {"trees.gpkg",
                           "trees.parquet",
                           "trees.geojson",
                           "rows.geojson",
                           "trees.csv",
                           "labels.tif",
                           "ortho.tif",
                           "survey.json"})
    if (fs::exists(folder / name)) std::printf(" %s", name);
  std::printf("   in %s\n", folder.c_str());
}

}  // namespace canopy
