// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "command.h"
#include "geo/raster.h"
#include "nn/model_file.h"
#include "predict/predict.h"

// What the verbs that look at a mosaic share: how it is opened, where the model is found, what is
// printed.

namespace canopy {

struct MosaicOptions {
  std::vector<std::string> bands, band;
  double gsd_m = 0;
  template <class F>
  void describe(F& field) {
    field("bands", bands, "Names of the file's bands, in order; '-' leaves one out.");
    field("band", band, "Further bands in files of their own: nir=nir.tif.");
    field("gsd", gsd_m, "Metres per pixel, for pictures without a CRS.");
  }
  RasterOptions raster_options() const;
};

/// A path as it is; "bundled", the model that comes with the program; or the newest model of that
/// name in the workspace. Empty: the newest model of the workspace and, without workspace or model
/// there, the bundled one. Throws NotFound with what there is.
std::filesystem::path find_model(const std::string& name, const Context& context);

/// "farm.tif   28,114 x 19,902 px  5 bands uint16  4.0 cm  EPSG:32734   blue green red red_edge nir
/// (named in the file)".
void print_mosaic(const Raster& raster);
void print_prediction(const ModelInfo& model, const Prediction& prediction);
nlohmann::ordered_json to_json(const Prediction& prediction);

}  // namespace canopy
