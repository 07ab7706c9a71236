// SPDX-License-Identifier: Apache-2.0
#include "insight/make_survey.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "geo/crs.h"
#include "insight/health.h"
#include "insight/planting_pattern.h"
#include "insight/survey_summary.h"
#include "insight/tree_measures.h"

namespace canopy {
namespace {

constexpr std::int64_t kBlock = 1024;

/// A raster read on the grid of the label map.
class OnLabelGrid {
 public:
  OnLabelGrid(const Raster& source, const Raster& labels)
      : source_(source), to_world_(labels.world_from_pixel()) {
    require(source.crs().empty() || labels.crs().empty() || same_crs(source.crs(), labels.crs()),
            [&] {
              return source.path().string() + ": has another CRS than " + labels.path().string() +
                     "; warp it to " + labels.crs();
            });
    const Point corner = pixel(0, 0);
    const Point end =
        pixel(static_cast<double>(labels.width()), static_cast<double>(labels.height()));
    const double slack = 2 + std::abs(end.x - corner.x) / static_cast<double>(labels.width());
    require(corner.x > -slack && corner.y > -slack &&
                end.x < static_cast<double>(source.width()) + slack &&
                end.y < static_cast<double>(source.height()) + slack,
            [&] { return source.path().string() + ": does not cover " + labels.path().string(); });
  }

  Pixels read(const Window& window, const std::vector<int>& bands) const {
    const Point a = pixel(static_cast<double>(window.x), static_cast<double>(window.y));
    const Point b = pixel(static_cast<double>(window.x_end()), static_cast<double>(window.y_end()));
    const std::int64_t x = std::llround(a.x), y = std::llround(a.y);
    const Window from{x,
                      y,
                      std::max<std::int64_t>(1, std::llround(b.x) - x),
                      std::max<std::int64_t>(1, std::llround(b.y) - y)};
    return source_.read(
        from, bands, static_cast<int>(window.width), static_cast<int>(window.height));
  }

 private:
  Point pixel(double column, double row) const {
    return source_.world_from_pixel().pixel_from_world(to_world_.world_from_pixel(column, row));
  }
  const Raster& source_;
  Transform to_world_;
};

/// One band as reflectance, or nothing where the mosaic lacks it.
std::vector<float> band_of(const Raster& ortho,
                           const OnLabelGrid& grid,
                           const Window& window,
                           const char* name) {
  const auto band = ortho.band(name);
  if (!band) return {};
  std::vector<float> values = grid.read(window, {*band}).values;
  const auto scale = static_cast<float>(ortho.scale(*band).value_or(1));
  const auto offset = static_cast<float>(ortho.offset(*band).value_or(0));
  for (float& value : values) value = value * scale + offset;
  return values;
}

std::vector<float> surface_of(const Raster* surface, const Raster& labels, const Window& window) {
  if (!surface) return {};
  Pixels pixels = OnLabelGrid(*surface, labels).read(window, {0});
  for (std::size_t i = 0; i < pixels.values.size(); ++i)
    if (!pixels.valid[i]) pixels.values[i] = NAN;
  return pixels.values;
}

std::vector<Tree> measure(const SurveyInput& input, Progress& progress) {
  const Raster &labels = *input.labels, &ortho = *input.ortho;
  const OnLabelGrid grid(ortho, labels);
  TreeMeasures measures(labels.crs(), labels.world_from_pixel(), survey_crs(labels));
  progress.begin("measure", labels.window().area() / 1'000'000 + 1, "Mpx");
  std::int64_t done = 0;
  for (std::int64_t y = 0; y < labels.height(); y += kBlock) {
    for (std::int64_t x = 0; x < labels.width(); x += kBlock) {
      MeasuredTile tile;
      tile.window = intersection({x, y, kBlock, kBlock}, labels.window());
      tile.ids = labels.read_ids(tile.window);
      tile.red = band_of(ortho, grid, tile.window, "red");
      tile.red_edge = band_of(ortho, grid, tile.window, "red_edge");
      tile.nir = band_of(ortho, grid, tile.window, "nir");
      tile.dsm_m = surface_of(input.dsm, labels, tile.window);
      tile.dtm_m = surface_of(input.dtm, labels, tile.window);
      tile.valid = grid.read(tile.window, {0}).valid;
      measures.add(tile);
      done += tile.window.area();
      progress.update(done / 1'000'000);
    }
  }
  std::vector<Tree> trees = measures.finish();
  progress.end();
  return trees;
}

}  // namespace

std::string survey_crs(const Raster& raster) {
  return survey_crs_of(raster.crs(), raster.world_from_pixel(), raster.window());
}

Survey make_survey(const SurveyInput& input,
                   std::span<const TreeFinding> findings,
                   Progress& progress) {
  Survey survey;
  survey.survey_id = input.survey_id;
  survey.model_id = input.model_id;
  survey.captured_on = input.captured_on;
  survey.crs_wkt = survey_crs(*input.labels);
  survey.gsd_m = input.ortho->gsd_m();
  survey.trees = measure(input, progress);
  std::unordered_map<std::int64_t, const TreeFinding*> by_id;
  for (const TreeFinding& finding : findings) by_id[finding.id] = &finding;
  for (Tree& tree : survey.trees) {
    const auto found = by_id.find(tree.id);
    if (found == by_id.end()) continue;
    tree.score = found->second->score;
    if (found->second->is_dead) tree.status = TreeStatus::Dead;
  }
  if (!input.boundary.empty())
    add_planting_pattern(survey, input.boundary);
  else if (!survey.trees.empty())
    add_planting_pattern(survey);
  judge_health(survey.trees);
  add_cover(survey);
  return survey;
}

}  // namespace canopy
