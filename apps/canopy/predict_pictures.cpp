// SPDX-License-Identifier: Apache-2.0
#include "predict_pictures.h"

#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/options.h"
#include "insight/coco_results.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Runs `work` on each picture; what the user can mend in one does not stop the others.
template <class Work>
PicturesOutcome each_picture(const std::vector<std::string>& pictures, Work work) {
  PicturesOutcome outcome;
  for (const std::string& picture : pictures) {
    try {
      outcome.done.push_back(work(picture));
    } catch (const Error& error) {
      const bool can_go_on = error.fault() == Fault::User || error.fault() == Fault::NotFound;
      if (pictures.size() == 1 || !can_go_on) throw;
      outcome.skipped.push_back(error.what());
    }
  }
  require(!outcome.done.empty(),
          [&] { return "no picture could be used; the first: " + outcome.skipped.at(0); });
  return outcome;
}

std::vector<TreeFinding> findings_of(const Prediction& prediction) {
  std::vector<TreeFinding> findings;
  for (const StitchedTree& tree : prediction.trees)
    findings.push_back({tree.id, tree.score, tree.label == 2});
  return findings;
}

/// A name for what this model says of this picture under these options.
std::string part_name(const fs::path& picture,
                      const RasterOptions& raster_options,
                      const ModelInfo& info,
                      PredictOptions options) {
  std::error_code code;
  const auto bytes = fs::file_size(picture, code);
  const auto changed = fs::last_write_time(picture, code).time_since_epoch().count();
  const Json identity = {{"picture", picture.string()},
                         {"bytes", bytes},
                         {"changed", changed},
                         {"bands", raster_options.bands},
                         {"gsd_m", raster_options.gsd_m},
                         {"model", info.model_id},
                         {"options", Fields(options).to_json()}};
  return sha256_hex(identity.dump()).substr(0, 16);
}

}  // namespace

PicturesOutcome predict_to_folder(const std::vector<std::string>& pictures,
                                  const RasterOptions& raster_options,
                                  const Model& model,
                                  const PredictOptions& options,
                                  const fs::path& folder,
                                  const Tell& tell,
                                  Progress& progress) {
  std::set<std::string> names;
  for (const fs::path picture : pictures)
    require(names.insert(picture.stem().string()).second, [&] {
      return picture.string() + ": another picture is called " + picture.stem().string() +
             " too; give them folders of their own, or one COCO file (-o results.json)";
    });
  return each_picture(pictures, [&](const fs::path& picture) {
    const Raster raster = Raster::open(picture, raster_options);
    const fs::path labels = folder / (picture.stem().string() + ".tif");
    PicturePrediction one{
        picture.string(), predict_mosaic(raster, model, options, labels, progress), 0};
    one.trees = one.prediction.trees.size();
    tell(raster, one.prediction);
    return one;
  });
}

PicturesOutcome predict_to_coco(const std::vector<std::string>& pictures,
                                const RasterOptions& raster_options,
                                const Model& model,
                                const PredictOptions& options,
                                const fs::path& output,
                                const Tell& tell,
                                Progress& progress) {
  const fs::path parts = fs::path(output) += ".parts";
  std::vector<Json> found;
  auto outcome = each_picture(pictures, [&](const fs::path& picture) {
    const std::string name = part_name(picture, raster_options, model.info, options);
    const fs::path part = parts / (name + ".json"), labels = parts / (name + ".tif");
    PicturePrediction one{picture.string(), {}, 0};
    if (fs::exists(part)) {
      found.push_back(Json::parse(read_file(part)));
    } else {
      const Raster raster = Raster::open(picture, raster_options);
      one.prediction = predict_mosaic(raster, model, options, labels, progress);
      found.push_back(coco_picture(
          picture.string(), raster, Raster::open(labels), findings_of(one.prediction)));
      write_file(part, found.back().dump());
      fs::remove(labels);
      tell(raster, one.prediction);
    }
    one.trees = found.back().at("annotations").size();
    return one;
  });
  write_file(output, coco_results(std::move(found)).dump() + "\n");
  std::error_code code;
  fs::remove_all(parts, code);
  return outcome;
}

}  // namespace canopy
