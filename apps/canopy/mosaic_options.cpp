// SPDX-License-Identifier: Apache-2.0
#include "mosaic_options.h"

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "share.h"

namespace canopy {

namespace fs = std::filesystem;

namespace {

/// The workspace's folder of models; empty where there is none and none was asked for.
fs::path models_folder(const Context& context, bool is_needed) {
  try {
    return context.workspace().models();
  } catch (const Error& error) {
    if (is_needed || error.fault() != Fault::NotFound || !context.workspace_path.empty()) throw;
    return {};
  }
}

}  // namespace

RasterOptions MosaicOptions::raster_options() const {
  RasterOptions options;
  options.bands = bands;
  options.gsd_m = gsd_m;
  for (const std::string& entry : band) {
    const auto equals = entry.find('=');
    require(equals != std::string::npos && equals > 0,
            "band: '" + entry + "' is not of the form name=file.tif");
    options.extra[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return options;
}

fs::path find_model(const std::string& name, const Context& context) {
  if (name.ends_with(".safetensors")) return name;
  if (name == "bundled") return shared_file(kBundledModel);
  const fs::path folder = models_folder(context, !name.empty());
  std::vector<fs::path> found;
  std::string there;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() != ".safetensors") continue;
    there += " " + stem;
    if (name.empty() || stem == name || stem.starts_with(name + "-")) found.push_back(entry.path());
  }
  if (found.empty() && name.empty()) return shared_file(kBundledModel);
  if (found.empty())
    throw Error(Fault::NotFound,
                "no model '" + name + "' in " + folder.string() +
                    (there.empty() ? "; train one, or pass model=FILE.safetensors"
                                   : "; there are" + there));
  return *std::max_element(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return fs::last_write_time(a) < fs::last_write_time(b);
  });
}

void print_mosaic(const Raster& raster) {
  std::string names;
  for (const std::string& band : raster.bands()) names += (names.empty() ? "" : " ") + band;
  std::printf("%-10s %s x %s px  %zu bands %s  %.1f cm  %s   %s (%s)\n",
              raster.path().filename().c_str(),
              format_count(raster.width()).c_str(),
              format_count(raster.height()).c_str(),
              raster.bands().size(),
              raster.dtype().c_str(),
              raster.gsd_m() * 100,
              raster.crs().empty() ? "no CRS" : raster.crs().substr(0, 24).c_str(),
              names.c_str(),
              raster.band_origin().c_str());
}

void print_prediction(const ModelInfo& model, const Prediction& prediction) {
  std::printf("%-10s %s, working at %.1f cm: %s\n",
              "model",
              model.name.c_str(),
              prediction.resolution.gsd_m * 100,
              prediction.resolution.reason.c_str());
  std::printf("%-10s %s crowns   %.1f Mpx in %.1f s, %.2f Mpx/s\n",
              "predict",
              format_count(static_cast<std::int64_t>(prediction.trees.size())).c_str(),
              prediction.megapixels,
              prediction.seconds,
              prediction.megapixels / std::max(1e-3, prediction.seconds));
}

nlohmann::ordered_json to_json(const Prediction& prediction) {
  return {{"trees", prediction.trees.size()},
          {"working_gsd_m", prediction.resolution.gsd_m},
          {"median_crown_px", prediction.resolution.median_crown_px},
          {"overlap_tax", prediction.overlap_tax},
          {"megapixels", prediction.megapixels},
          {"seconds", prediction.seconds}};
}

}  // namespace canopy
