// SPDX-License-Identifier: Apache-2.0
#include "orchard/synthetic_files.h"

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/options.h"
#include "base/threads.h"
#include "geo/raster_writer.h"
#include "geo/vector_file.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

RasterSpec spec_of(const SyntheticOrchard& orchard,
                   const SyntheticPlace& place,
                   RasterType type,
                   std::vector<std::string> bands) {
  RasterSpec spec;
  spec.width = orchard.width_px();
  spec.height = orchard.height_px();
  spec.type = type;
  spec.bands = std::move(bands);
  spec.crs = place.crs;
  const double gsd = orchard.options().gsd_m;
  spec.world_from_pixel.t = {
      place.origin.x, gsd, 0, place.origin.y + orchard.height_px() * gsd, 0, -gsd};
  return spec;
}

Feature crown_of(const Tree& tree) {
  Feature feature;
  feature.kind = GeometryKind::Polygon;
  feature.polygon = tree.crown;
  feature.attributes = {
      {"id", tree.id},
      {"class", std::string(tree.status == TreeStatus::Dead ? "dead_tree" : "tree")},
      {"status", std::string(name_of(tree.status))},
      {"health", tree.health},
      {"height", tree.height_m},
      {"area", tree.area_m2},
      {"block", std::int64_t{tree.block}},
      {"row_index", std::int64_t{tree.row_index}},
      {"tree_index", std::int64_t{tree.tree_index}},
      {"x", tree.position.x},
      {"y", tree.position.y}};
  return feature;
}

VectorLayer blocks_of(const Survey& truth) {
  VectorLayer layer{"orchard",
                    truth.crs_wkt,
                    GeometryKind::Polygon,
                    {"block", "pattern", "row_spacing", "tree_spacing", "row_angle"},
                    {}};
  for (const Block& block : truth.blocks) {
    Feature feature;
    feature.polygon = block.outline;
    feature.attributes = {{"block", std::int64_t{block.block}},
                          {"pattern", block.pattern},
                          {"row_spacing", block.row_spacing_m},
                          {"tree_spacing", block.tree_spacing_m},
                          {"row_angle", block.row_angle_deg}};
    layer.features.push_back(std::move(feature));
  }
  return layer;
}

std::vector<VectorLayer> layers_of(const Survey& truth) {
  VectorLayer crowns{"crowns",
                     truth.crs_wkt,
                     GeometryKind::Polygon,
                     {"id",
                      "class",
                      "status",
                      "health",
                      "height",
                      "area",
                      "block",
                      "row_index",
                      "tree_index",
                      "x",
                      "y"},
                     {}};
  for (const Tree& tree : truth.trees) crowns.features.push_back(crown_of(tree));
  VectorLayer missing{
      "missing", truth.crs_wkt, GeometryKind::Point, {"block", "row_index", "tree_index"}, {}};
  for (const Gap& gap : truth.missing) {
    Feature feature;
    feature.kind = GeometryKind::Point;
    feature.points = {gap.position};
    feature.attributes = {{"block", std::int64_t{gap.block}},
                          {"row_index", std::int64_t{gap.row_index}},
                          {"tree_index", std::int64_t{gap.tree_index}}};
    missing.features.push_back(std::move(feature));
  }
  VectorLayer rows{"rows", truth.crs_wkt, GeometryKind::Line, {"block", "row_index"}, {}};
  for (const Row& row : truth.rows) {
    if (row.line.size() < 2) continue;
    Feature feature;
    feature.kind = GeometryKind::Line;
    feature.points = row.line;
    feature.attributes = {{"block", std::int64_t{row.block}},
                          {"row_index", std::int64_t{row.row_index}}};
    rows.features.push_back(std::move(feature));
  }
  return {crowns, missing, rows, blocks_of(truth)};
}

/// Renders strips of blocks on all cores and writes them in order.
void write_rasters(const SyntheticOrchard& orchard,
                   const fs::path& folder,
                   const SyntheticPlace& place,
                   Progress& progress) {
  constexpr int kBlock = 512;
  RasterSpec ortho_spec =
      spec_of(orchard, place, RasterType::UInt16, {"blue", "green", "red", "red_edge", "nir"});
  ortho_spec.scale = 1e-4;
  RasterWriter ortho(folder / "ortho.tif", ortho_spec);
  RasterWriter dsm(folder / "dsm.tif", spec_of(orchard, place, RasterType::Float32, {"dsm"}));
  RasterWriter dtm(folder / "dtm.tif", spec_of(orchard, place, RasterType::Float32, {"dtm"}));
  RasterSpec ids_spec = spec_of(orchard, place, RasterType::UInt32, {"tree id"});
  ids_spec.is_categorical = ids_spec.has_nodata = true;
  RasterWriter ids(folder / "truth_ids.tif", ids_spec);

  const Window whole{0, 0, orchard.width_px(), orchard.height_px()};
  progress.begin("synth", whole.area() / 1'000'000 + 1, "Mpx");
  for (std::int64_t y = 0; y < whole.height; y += kBlock) {
    std::vector<Window> windows;
    for (std::int64_t x = 0; x < whole.width; x += kBlock)
      windows.push_back(intersection({x, y, kBlock, kBlock}, whole));
    std::vector<SyntheticTile> tiles(windows.size());
    parallel_for(static_cast<std::int64_t>(windows.size()), available_cores(), [&](std::int64_t i) {
      tiles[static_cast<std::size_t>(i)] = orchard.render(windows[static_cast<std::size_t>(i)]);
    });
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      ortho.write(windows[i], tiles[i].planes.data());
      dsm.write(windows[i], tiles[i].dsm_m.data());
      dtm.write(windows[i], tiles[i].dtm_m.data());
      ids.write(windows[i], tiles[i].id_map.data());
    }
    progress.update(whole.width * std::min(whole.height, y + kBlock) / 1'000'000);
  }
  ortho.finish();
  dsm.finish();
  dtm.finish();
  ids.finish();
  progress.end();
}

}  // namespace

void write_synthetic_orchard(const SyntheticOrchard& orchard,
                             const fs::path& folder,
                             const SyntheticPlace& place,
                             Progress& progress) {
  write_rasters(orchard, folder, place, progress);
  const Survey truth = orchard.truth(place.crs, place.origin);
  write_vector(folder / "crowns.gpkg", layers_of(truth));
  std::int64_t dead = 0;
  for (const Tree& tree : truth.trees) dead += tree.status == TreeStatus::Dead;
  SyntheticOptions options = orchard.options();
  const nlohmann::ordered_json summary = {{"options", Fields(options).to_json()},
                                          {"crs", place.crs},
                                          {"origin", {place.origin.x, place.origin.y}},
                                          {"trees", truth.trees.size()},
                                          {"dead", dead},
                                          {"missing", truth.missing.size()},
                                          {"rows", truth.rows.size()},
                                          {"blocks", truth.blocks.size()}};
  write_file(folder / "orchard.json", summary.dump(2) + "\n");
}

}  // namespace canopy
