// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "geo/raster.h"
#include "predict/predict.h"

// Many pictures, one after the other, by one model. A picture that cannot be used is told and left
// out, unless it is the only one.

namespace canopy {

/// What is told of one picture.
struct PicturePrediction {
  std::string name;
  Prediction prediction;
  std::size_t trees = 0;
};

struct PicturesOutcome {
  std::vector<PicturePrediction> done;
  std::vector<std::string> skipped;  ///< "error: ..." of each
};

using Tell = std::function<void(const Raster& raster, const Prediction& prediction)>;

/// A label map of each into `folder`, under the picture's own name with .tif. Throws User for two
/// pictures of one name.
PicturesOutcome predict_to_folder(const std::vector<std::string>& pictures,
                                  const RasterOptions& raster_options,
                                  const Model& model,
                                  const PredictOptions& options,
                                  const std::filesystem::path& folder,
                                  const Tell& tell,
                                  Progress& progress);

/// All into one COCO file (insight/coco_results.h). What is done is kept in `output`.parts until
/// the file is there, so that the same call goes on after a kill.
PicturesOutcome predict_to_coco(const std::vector<std::string>& pictures,
                                const RasterOptions& raster_options,
                                const Model& model,
                                const PredictOptions& options,
                                const std::filesystem::path& output,
                                const Tell& tell,
                                Progress& progress);

}  // namespace canopy
