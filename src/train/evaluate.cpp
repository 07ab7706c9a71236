// SPDX-License-Identifier: Apache-2.0
#include "train/evaluate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"
#include "data/crop.h"
#include "train/scenes.h"
#include "train/source_zoom.h"
#include "train/tile_reads.h"

namespace canopy {
namespace {

constexpr int kTilesPerSource = 3;  ///< looked at to tell a source's crown size

/// Tiles of one source and one ground resolution; they share a working scale.
struct Source {
  std::string id;
  double gsd_m = 0;
  std::vector<ExampleRef> look_at;  ///< to tell the scale, where that is asked of the model
  std::vector<ExampleRef> tiles;
};

std::vector<Source> sources_of(const BlobStore& store,
                               const std::vector<ExampleRef>& refs,
                               const EvaluateOptions& options) {
  std::map<std::pair<std::string, double>, std::vector<ExampleRef>> by_place;
  TileReads reads(store, refs);
  for (const ExampleRef& ref : refs) {
    const Example example = reads.next();
    by_place[{example.source_id, example.gsd_m}].push_back(ref);
  }
  std::vector<Source> sources;
  for (auto& [place, tiles] : by_place) {
    std::vector<ExampleRef> look_at;
    if (options.scale == "crowns") look_at = spread(tiles, kTilesPerSource);
    sources.push_back({place.first, place.second, std::move(look_at), std::move(tiles)});
  }
  return sources;
}

/// Everything that is read of the sources, one after the other.
std::vector<ExampleRef> reading_list(const std::vector<Source>& sources) {
  std::vector<ExampleRef> list;
  for (const Source& source : sources) {
    list.insert(list.end(), source.look_at.begin(), source.look_at.end());
    list.insert(list.end(), source.tiles.begin(), source.tiles.end());
  }
  return list;
}

Instances detect_at(const Model& model, const Example& example, double zoom) {
  return model.network.detect(whole_tile(example, model.info.normalisation, zoom)).front();
}

/// A scale that is a number of metres; 0 for another.
double given_gsd_m(const std::string& scale) {
  double gsd_m = 0;
  const char* const last = scale.data() + scale.size();
  const auto [end, error] = std::from_chars(scale.data(), last, gsd_m);
  return error == std::errc() && end == last && std::isfinite(gsd_m) ? gsd_m : 0;
}

/// The zoom for the tiles of a source; by "crowns", judged by what the model finds in `looked_at`.
double zoom_of(const Model& model,
               const std::string& scale,
               double gsd_m,
               const std::vector<Example>& looked_at) {
  if (scale == "trained") return trained_zoom(model.info, gsd_m);
  if (scale != "crowns") return gsd_m > 0 ? gsd_m / given_gsd_m(scale) : 1;
  double most_zoom = 8;
  for (const Example& example : looked_at) most_zoom = std::min(most_zoom, most_zoom_of(example));
  return source_zoom(
      model.info, gsd_m, most_zoom, [&](double zoom) { return look_at(model, looked_at, zoom); });
}

}  // namespace

void EvaluateOptions::validate() const {
  require(scale == "crowns" || scale == "trained" || given_gsd_m(scale) > 0, [&] {
    return "scale: '" + scale + "' is neither crowns, trained nor a ground resolution in metres";
  });
  require(tiles >= 0, "tiles must not be negative");
  require(score_threshold <= 1, "score-threshold must not exceed 1");
  require(max_found >= 1, "max-found must be at least 1");
  require(point_distance_px > 0, "point-distance must be positive");
  require(resamples >= 0, "resamples must not be negative");
  compute.validate();
}

std::vector<ExampleRef> spread(std::span<const ExampleRef> refs, std::int64_t count) {
  const std::int64_t n = std::ssize(refs);
  if (count <= 0 || count >= n) return {refs.begin(), refs.end()};
  std::vector<ExampleRef> chosen;
  for (std::int64_t i = 0; i < count; ++i)
    chosen.push_back(refs[static_cast<std::size_t>(i * n / count)]);
  return chosen;
}

std::vector<Scene> find_scenes(const Model& given,
                               const BlobStore& store,
                               std::span<const ExampleRef> refs,
                               const EvaluateOptions& options,
                               Progress& progress) {
  options.validate();
  const Model model{given.info, given.network.on(device_of(options.compute.device))};
  const PrecisionScope scope(precision_of(options.compute.precision));
  const std::vector<ExampleRef> chosen = spread(refs, options.tiles);
  const std::vector<Source> sources = sources_of(store, chosen, options);
  TileReads reads(store, reading_list(sources));
  const auto next = [&] {
    Example example = reads.next();
    leave_out_bands(options.without, example);
    return example;
  };
  std::vector<Scene> scenes;
  progress.begin("evaluate", std::ssize(chosen), "tiles");
  for (const Source& source : sources) {
    std::vector<Example> looked_at;
    for (std::size_t i = 0; i < source.look_at.size(); ++i) looked_at.push_back(next());
    const double zoom = zoom_of(model, options.scale, source.gsd_m, looked_at);
    log_info(source.id + ": " + std::to_string(source.tiles.size()) + " tiles at zoom " +
             std::to_string(zoom));
    for (const ExampleRef& ref : source.tiles) {
      const Example example = next();
      Scene scene = truth_of(example);
      scene.name = ref.tile_id;
      add_found(detect_at(model, example, zoom), zoom, example.height, example.width, scene);
      scenes.push_back(std::move(scene));
      progress.update(std::ssize(scenes));
    }
  }
  progress.end();
  return scenes;
}

EvalReport evaluate(const Model& model,
                    const BlobStore& store,
                    std::span<const ExampleRef> refs,
                    const EvaluateOptions& options,
                    Progress& progress) {
  require(!refs.empty(), "there is no tile to evaluate on; check the dataset's splits");
  const std::vector<Scene> scenes = find_scenes(model, store, refs, options, progress);
  ReportOptions report;
  report.score_threshold =
      options.score_threshold >= 0 ? options.score_threshold : model.info.score_threshold;
  report.max_found = options.max_found;
  report.point_distance_px = options.point_distance_px;
  report.resamples = options.resamples;
  report.threads = available_cores();
  return make_report(scenes, report);
}

}  // namespace canopy
