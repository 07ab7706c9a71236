// SPDX-License-Identifier: Apache-2.0
#include "predict/predict.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <future>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/options.h"
#include "geo/raster_writer.h"
#include "nn/one_tree_per_pixel.h"
#include "predict/mosaic.h"
#include "predict/tile_journal.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// A label map in a raster file that is being written.
class RasterPlane : public LabelPlane {
 public:
  explicit RasterPlane(RasterWriter& writer) : writer_(writer) {}
  void read(const Window& window, std::uint32_t* ids) const override { writer_.read(window, ids); }
  void write(const Window& window, const std::uint32_t* ids) override {
    writer_.write(window, ids);
  }

 private:
  RasterWriter& writer_;
};

AssignOptions assign_options(const ModelInfo& info, const PredictOptions& options) {
  AssignOptions assign;
  assign.score_threshold =
      options.score_threshold > 0 ? options.score_threshold : info.score_threshold;
  return assign;
}

std::vector<TreeEvidence> evidence_of(const TileLabels& labels, const Instances& found) {
  std::vector<TreeEvidence> evidence;
  const auto scores = found.scores.contiguous();
  const auto classes = found.classes.contiguous();
  for (const TileTree& tree : labels.trees)
    evidence.push_back(
        {scores.data_ptr<float>()[tree.instance], classes.data_ptr<std::int64_t>()[tree.instance]});
  return evidence;
}

TileJournal::Entry look_at(const TileModel& model,
                           const MosaicTile& tile,
                           const TilePlan& plan,
                           std::size_t index,
                           const AssignOptions& options) {
  const Instances found = model(tile.planes, plan.tiles[index].window);
  TileLabels labels = one_tree_per_pixel(found, plan.size, plan.size, options);
  for (std::size_t i = 0; i < labels.ids.size(); ++i) labels.ids[i] *= tile.valid[i];
  auto evidence = evidence_of(labels, found);
  return {std::move(labels.ids), std::move(evidence)};
}

/// "2.10 Mpx/s  0.8 ha/min".
std::string speed_note(double pixels, double gsd_m, double seconds) {
  const double per_second = pixels / std::max(1e-3, seconds);
  char note[64];
  std::snprintf(note,
                sizeof note,
                "%.2f Mpx/s  %.1f ha/min",
                per_second / 1e6,
                per_second * gsd_m * gsd_m * 60 / 1e4);
  return note;
}

/// All that decides what the model says of a tile.
std::string identity_of(const Raster& raster,
                        const ModelInfo& info,
                        PredictOptions options,
                        const TilePlan& plan,
                        const Mosaic& mosaic) {
  std::error_code code;
  const auto bytes = fs::file_size(raster.path(), code);
  const auto changed = fs::last_write_time(raster.path(), code).time_since_epoch().count();
  nlohmann::json identity = {{"mosaic", fs::absolute(raster.path(), code).string()},
                             {"bytes", bytes},
                             {"changed", changed},
                             {"bands", raster.bands()},
                             {"model", info.model_id},
                             {"gsd_m", mosaic.gsd_m()},
                             {"grid", {plan.width, plan.height, plan.size, plan.halo}},
                             {"options", Fields(options).to_json()}};
  return identity.dump();
}

/// Nine places, three by three, or fewer where the mosaic is small.
std::vector<Window> probe_windows(const Mosaic& mosaic, int size) {
  std::vector<Window> windows;
  const auto places = [&](std::int64_t length) {
    std::vector<std::int64_t> starts;
    const std::int64_t count = std::min<std::int64_t>(3, (length + size - 1) / size);
    for (std::int64_t i = 0; i < count; ++i)
      starts.push_back(count == 1 ? (length - size) / 2 : (length - size) * i / (count - 1));
    return starts;
  };
  for (const std::int64_t y : places(mosaic.height()))
    for (const std::int64_t x : places(mosaic.width())) windows.push_back({x, y, size, size});
  return windows;
}

/// Looks at a few windows of the mosaic at one resolution.
ProbeResult look(const Raster& raster,
                 const Model& model,
                 const PredictOptions& options,
                 double gsd_m) {
  constexpr int kProbeSize = 320;
  const Mosaic mosaic(raster, model.info, gsd_m);
  ProbeTally tally(assign_options(model.info, options).score_threshold);
  for (const Window& window : probe_windows(mosaic, kProbeSize)) {
    const MosaicTile tile = mosaic.read(window);
    if (tile.valid_fraction < 0.2) continue;
    tally.add(
        model.network.detect(tile.planes).front(), kProbeSize, kProbeSize, tile.valid_fraction);
  }
  return tally.result();
}

WorkingResolution working_resolution(const Raster& raster,
                                     const Model& model,
                                     const PredictOptions& options) {
  if (options.working_gsd_m > 0) return {options.working_gsd_m, 0, "given"};
  if (const std::optional<double> of_points = resolution_of_points(model.info, raster.gsd_m()))
    return {*of_points, 0, "as in training, where such imagery had points for labels"};
  // Trained resolutions, widened by an octave to both sides; no finer than twice the mosaic's own
  // detail.
  std::vector<double> ladder;
  require(!model.info.trained_gsd_m.empty(),
          "the model file names no trained ground resolution; pass working-gsd");
  const double low = model.info.trained_gsd_m.front() / 2,
               high = model.info.trained_gsd_m.back() * 2;
  double gsd = low;
  while (gsd <= high * 1.01) {
    ladder.push_back(gsd);
    gsd *= std::sqrt(2.0);
  }
  return choose_working_resolution(
      [&](double at_gsd) { return look(raster, model, options, at_gsd); },
      ladder,
      model.info.crown_px_median,
      raster.gsd_m() / 2);
}

RasterSpec label_spec(const Raster& raster, const Mosaic& mosaic) {
  RasterSpec spec;
  spec.width = mosaic.width();
  spec.height = mosaic.height();
  spec.type = RasterType::UInt32;
  spec.bands = {"tree id"};
  spec.crs = raster.crs();
  spec.world_from_pixel = mosaic.world_from_pixel();
  spec.has_nodata = true;
  spec.nodata = 0;
  spec.is_categorical = true;
  return spec;
}

}  // namespace

void PredictOptions::validate() const {
  require(working_gsd_m >= 0, "working-gsd must not be negative");
  require(score_threshold >= 0 && score_threshold < 1, "score-threshold must lie in [0, 1)");
  require(min_crown_px >= 1, "min-crown must be at least 1");
  require(halo_px >= 0, "halo must not be negative");
  compute.validate();
}

Prediction predict_mosaic_with(const Raster& raster,
                               const ModelInfo& info,
                               const TileModel& model,
                               const WorkingResolution& resolution,
                               const PredictOptions& options,
                               const std::filesystem::path& labels_path,
                               Progress& progress) {
  options.validate();
  const auto started = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  };
  const Mosaic mosaic(raster, info, resolution.gsd_m);
  const TilePlan plan =
      plan_tiles(mosaic.width(), mosaic.height(), options.tile_size_px, options.halo_px);
  RasterWriter writer(labels_path, label_spec(raster, mosaic));
  RasterPlane plane(writer);
  Stitcher stitcher(plane, plan);
  TileJournal journal(fs::path(labels_path) += ".tiles",
                      identity_of(raster, info, options, plan, mosaic));

  progress.begin("predict", static_cast<std::int64_t>(plan.tiles.size()), "tiles");
  double done_px = 0, looked_px = 0;
  auto next = std::async(std::launch::async, [&] { return mosaic.read(plan.tiles[0].window); });
  for (std::size_t t = 0; t < plan.tiles.size(); ++t) {
    const MosaicTile tile = next.get();
    if (interrupted())
      throw Error(Fault::Environment,
                  "interrupted; " + labels_path.string() +
                      " was not written; the same command goes on from here");
    if (t + 1 < plan.tiles.size())
      next =
          std::async(std::launch::async, [&, t] { return mosaic.read(plan.tiles[t + 1].window); });
    if (tile.valid_fraction > 0) {
      auto seen = journal.read(t, tile.valid.size());
      if (!seen) {
        seen = look_at(model, tile, plan, t, assign_options(info, options));
        journal.write(t, seen->ids, seen->trees);
        looked_px += static_cast<double>(plan.tiles[t].core.area());
      }
      stitcher.add(t, seen->ids, seen->trees);
    }
    done_px += static_cast<double>(plan.tiles[t].core.area());
    progress.update(static_cast<std::int64_t>(t + 1),
                    speed_note(looked_px, mosaic.gsd_m(), elapsed()));
  }
  Prediction prediction;
  prediction.trees = stitcher.finish(options.min_crown_px);
  writer.finish();
  journal.remove();
  prediction.resolution = resolution;
  prediction.grid = {0, 0, mosaic.width(), mosaic.height()};
  prediction.overlap_tax = plan.overlap_tax();
  prediction.seconds = elapsed();
  prediction.megapixels = done_px / 1e6;
  progress.end(format_count(static_cast<std::int64_t>(prediction.trees.size())) + " trees");
  return prediction;
}

Prediction predict_mosaic(const Raster& raster,
                          const Model& model,
                          const PredictOptions& options,
                          const std::filesystem::path& labels,
                          Progress& progress) {
  options.validate();
  const Model placed{model.info, model.network.on(device_of(options.compute.device))};
  const PrecisionScope scope(precision_of(options.compute.precision));
  const TileModel finder = [&](const at::Tensor& planes, const Window&) {
    return placed.network.detect(planes).front();
  };
  return predict_mosaic_with(raster,
                             model.info,
                             finder,
                             working_resolution(raster, placed, options),
                             options,
                             labels,
                             progress);
}

}  // namespace canopy
