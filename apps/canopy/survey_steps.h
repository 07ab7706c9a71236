// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "insight/tree_table.h"
#include "mosaic_options.h"
#include "orchard/survey.h"
#include "predict/predict.h"

// predict + insight + files: what `survey`, `insight` and `demo` do with a mosaic.

namespace canopy {

struct SurveyOptions {
  MosaicOptions mosaic;
  std::string dsm, dtm, boundary, survey_id, captured_on;
  template <class F>
  void describe(F& field) {
    mosaic.describe(field);
    field("dsm", dsm, "Surface model on the same CRS: heights and volumes.");
    field("dtm", dtm, "Terrain model; the ground is taken from the surface model when left out.");
    field("boundary",
          boundary,
          "The blocks as polygons with names: each is looked at by itself, trees outside are in "
          "none.");
    field("survey", survey_id, "Name of the survey; the mosaic's file name when left out.");
    field("captured-on", captured_on, "Date of the flight, YYYY-MM-DD.");
  }
};

/// Predicts `ortho`, measures it and writes the survey's folder: labels.tif, the orthomosaic as a
/// COG (ortho.tif), and what survey_files.h lists.
Survey survey_mosaic(const std::filesystem::path& ortho,
                     const std::filesystem::path& model,
                     const SurveyOptions& options,
                     const PredictOptions& predict_options,
                     const std::filesystem::path& folder,
                     Progress& progress,
                     Prediction* prediction);

/// Measures a label map that is there already.
Survey survey_labels(const std::filesystem::path& ortho,
                     const std::filesystem::path& labels,
                     const SurveyOptions& options,
                     const std::filesystem::path& folder,
                     Progress& progress);

/// From a table of trees alone; `output` is a folder, or a GeoPackage by its name. Throws User for
/// a picture, and for options that only a picture can meet.
Survey survey_table(const std::filesystem::path& table,
                    const TreeTableOptions& table_options,
                    const SurveyOptions& options,
                    const std::filesystem::path& output);

/// "trees   12,418 in 3 blocks   dead 41   missing 187   canopy 38.2 %   NDRE 0.31 +- 0.04", then
/// the files.
void print_survey(const Survey& survey, const std::filesystem::path& folder);

}  // namespace canopy
