// SPDX-License-Identifier: Apache-2.0
#include "demo_steps.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "demo_baseline.h"
#include "eval/counts.h"
#include "eval/id_map_overlap.h"
#include "geo/rasterize.h"
#include "geo/vector_file.h"
#include "ingest/ingest.h"
#include "ingest/label_reader.h"
#include "orchard/synthetic_files.h"
#include "orchard_score.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr double kNeonGsd_m = 0.1;
constexpr double kLeastCrown_m2 = 1;

struct NeonImage {
  const char *image, *labels, *split;
};
// Two crops of Yellowstone to learn from; a Florida and a Californian plot that no model of ours
// may learn from.
constexpr NeonImage kNeon[] = {
    {"2019_YELL_2_528000_4978000_image_crop2.png",
     "2019_YELL_2_528000_4978000_image_crop2.xml",
     "train"},
    {"2019_YELL_2_541000_4977000_image_crop.png",
     "2019_YELL_2_541000_4977000_image_crop.xml",
     "train"},
    {"OSBS_029.tif", "OSBS_029.xml", "test"},
    {"SOAP_061.png", "SOAP_061.xml", "test"},
};

void ingest_one(OpenWorkspace& space, const fs::path& picture, IngestOptions options) {
  options.home = space.workspace().root();
  const IngestReport report = ingest(
      picture,
      options,
      space.store(),
      [&](const std::string& id, std::span<const TileRow> rows) {
        return space.catalog().commit_part(id, rows);
      },
      no_progress());
  if (report.was_interrupted) throw Error(Fault::Environment, "interrupted");
  check(report.labels_used > 0, "the demo's inputs have labels");
}

Scene naive_scene(const fs::path& image, const fs::path& labels) {
  RasterOptions options;
  options.gsd_m = kNeonGsd_m;
  const Raster raster = Raster::open(image, options);
  PictureFrame frame;
  frame.file_name = image.filename().string();
  frame.width = raster.width();
  frame.height = raster.height();
  frame.crs = raster.crs();
  frame.world_from_pixel = raster.world_from_pixel();
  Scene scene;
  scene.name = frame.file_name;
  LabelOptions label_options;
  label_options.tree_names = {"Alive"};
  for (const Label& label : read_labels(labels, frame, label_options).labels) {
    TruthTree tree;
    tree.box = {label.box.xmin,
                label.box.ymin,
                label.box.xmax - label.box.xmin,
                label.box.ymax - label.box.ymin};
    scene.truth.push_back(tree);
  }
  const auto ids = naive_crowns(raster, kLeastCrown_m2);
  for (const IdBox& box :
       boxes_of_ids(ids, static_cast<int>(raster.width()), static_cast<int>(raster.height()))) {
    FoundTree tree;
    tree.box = {static_cast<double>(box.x0),
                static_cast<double>(box.y0),
                static_cast<double>(box.x1 - box.x0),
                static_cast<double>(box.y1 - box.y0)};
    tree.score = 1;
    scene.found.push_back(tree);
  }
  return scene;
}

/// Gaps of the survey that lie where a tree is truly missing, each truth once.
PrecisionRecall judge_missing(const std::vector<Gap>& found,
                              const VectorLayer& truth,
                              double tolerance_m) {
  std::vector<bool> taken(truth.features.size(), false);
  double right = 0;
  for (const Gap& gap : found) {
    std::size_t best = taken.size();
    double best_m = tolerance_m;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const Point& place = truth.features[i].points.at(0);
      const double distance = std::hypot(place.x - gap.position.x, place.y - gap.position.y);
      if (!taken[i] && distance <= best_m) {
        best = i;
        best_m = distance;
      }
    }
    if (best == taken.size()) continue;
    taken[best] = true;
    ++right;
  }
  return {found.empty() ? 1 : right / static_cast<double>(found.size()),
          taken.empty() ? 1 : right / static_cast<double>(taken.size())};
}

/// Pixels that lie in the outlines of two trees of the survey, as its files have them.
std::int64_t count_conflicts(const Survey& survey, const Raster& grid) {
  std::vector<std::uint8_t> claims(static_cast<std::size_t>(grid.window().area()), 0);
  std::int64_t conflicts = 0;
  for (const Tree& tree : survey.trees) {
    Polygon polygon = tree.crown;
    Window box{grid.width(), grid.height(), 0, 0};
    std::int64_t x_end = 0, y_end = 0;
    for (Ring& ring : polygon.rings) {
      for (Point& p : ring) {
        p = grid.world_from_pixel().pixel_from_world(p);
        box.x = std::min(box.x, static_cast<std::int64_t>(std::floor(p.x)));
        box.y = std::min(box.y, static_cast<std::int64_t>(std::floor(p.y)));
        x_end = std::max(x_end, static_cast<std::int64_t>(std::ceil(p.x)));
        y_end = std::max(y_end, static_cast<std::int64_t>(std::ceil(p.y)));
      }
    }
    box = {box.x, box.y, x_end - box.x, y_end - box.y};
    if (box.empty()) continue;
    for (Ring& ring : polygon.rings)
      for (Point& p : ring)
        p = {p.x - static_cast<double>(box.x), p.y - static_cast<double>(box.y)};
    const auto own =
        rasterize({polygon}, static_cast<int>(box.width), static_cast<int>(box.height));
    for (std::size_t i = 0; i < own.size(); ++i) {
      const std::int64_t x = box.x + static_cast<std::int64_t>(i) % box.width,
                         y = box.y + static_cast<std::int64_t>(i) / box.width;
      if (!own[i] || x < 0 || y < 0 || x >= grid.width() || y >= grid.height()) continue;
      conflicts += ++claims[static_cast<std::size_t>(y * grid.width() + x)] == 2;
    }
  }
  return conflicts;
}

void add_tree_figures(const IdMapOverlap& overlap, OrchardFigures& figures) {
  const Counts counts = overlap.counts(0.5);
  figures.trees = {counts.precision(), counts.recall()};
  figures.count_error = counts.count_error();
  figures.area_error_median = overlap.area_error(0.5).median_relative;
}

}  // namespace

std::vector<DemoOrchard> training_orchards() {
  return {{"square", 11, 60, "train"},
          {"offset", 12, 60, "train"},
          {"citrus", 13, 60, "train"},
          {"weeds", 14, 60, "train"},
          {"sick", 15, 60, "train"},
          {"contour", 16, 60, "train"},
          {"two_blocks", 17, 60, "train"},
          {"square", 18, 60, "train"},
          {"offset", 19, 50, "val"},
          {"citrus", 20, 50, "val"}};
}

DemoOrchard surveyed_orchard(const DemoOptions& options) {
  return {"offset", options.seed, 110, ""};
}

std::vector<fs::path> make_orchards(const std::vector<DemoOrchard>& orchards,
                                    const fs::path& inputs,
                                    Progress& progress) {
  std::vector<fs::path> folders;
  progress.begin("render", std::ssize(orchards), "orchards");
  for (const DemoOrchard& orchard : orchards) {
    SyntheticOptions options;
    options.preset = orchard.preset;
    options.seed = orchard.seed;
    options.width_m = options.height_m = orchard.size_m;
    folders.push_back(inputs / (orchard.preset + "-" + std::to_string(orchard.seed)));
    write_synthetic_orchard(
        SyntheticOrchard(options), folders.back(), SyntheticPlace{}, no_progress());
    progress.update(std::ssize(folders));
  }
  progress.end();
  return folders;
}

void ingest_inputs(OpenWorkspace& space,
                   const fs::path& neon,
                   const std::vector<DemoOrchard>& orchards,
                   const std::vector<fs::path>& folders,
                   Progress& progress) {
  std::int64_t done = 0;
  progress.begin("ingest", std::ssize(kNeon) + std::ssize(orchards), "pictures");
  for (const NeonImage& image : kNeon) {
    IngestOptions options;
    options.labels = (neon / image.labels).string();
    options.gsd = {kNeonGsd_m};
    options.split = image.split;
    options.farm = "NEON";
    options.tree_names = {"Alive"};
    ingest_one(space, neon / image.image, options);
    progress.update(++done);
  }
  for (std::size_t i = 0; i < orchards.size(); ++i) {
    IngestOptions options;
    options.labels = (folders[i] / "crowns.gpkg").string();
    options.layer = "crowns";
    options.split = orchards[i].split;
    options.farm = "synthetic";
    options.orchard = orchards[i].preset + "-" + std::to_string(orchards[i].seed);
    ingest_one(space, folders[i] / "ortho.tif", options);
    progress.update(++done);
  }
  progress.end();
}

SnapshotOptions demo_query() {
  SnapshotOptions options;
  options.name = "demo";
  options.sql =
      "SELECT * EXCLUDE (ingested_at), "
      "CASE WHEN farm = 'NEON' AND (meta->>'split') = 'train' AND window_y = 0 AND window_x < 1200 "
      "THEN 'val' "
      "ELSE (meta->>'split') END AS split, "
      "CASE WHEN farm = 'NEON' THEN 2.0 ELSE 1.0 END AS weight "
      "FROM examples WHERE (tree_count + dead_count > 0 OR farm = 'synthetic') AND valid_fraction "
      "> 0.2";
  return options;
}

PrecisionRecall naive_on_neon(const fs::path& neon) {
  Counts counts;
  for (const NeonImage& image : kNeon)
    if (std::string(image.split) == "test")
      counts += count(naive_scene(neon / image.image, neon / image.labels), {Overlap::Box, 0.4}, 0);
  return {counts.precision(), counts.recall()};
}

OrchardFigures judge_survey(const Survey& survey, const fs::path& labels, const fs::path& orchard) {
  const Raster found = Raster::open(labels);
  OrchardFigures figures;
  add_tree_figures(overlap_of(found, Raster::open(orchard / "truth_ids.tif")), figures);
  const double spacing = survey.blocks.empty() ? 2 : survey.blocks.front().tree_spacing_m;
  figures.missing = judge_missing(survey.missing,
                                  read_vector(orchard / "crowns.gpkg", "missing"),
                                  spacing > 0 ? spacing / 2 : 2);
  figures.pixel_conflicts = count_conflicts(survey, found);
  return figures;
}

OrchardFigures judge_naive(const fs::path& orchard) {
  const Raster ortho = Raster::open(orchard / "ortho.tif"),
               truth = Raster::open(orchard / "truth_ids.tif");
  IdMapOverlap overlap;
  overlap.add(truth.read_ids(truth.window()), naive_crowns(ortho, kLeastCrown_m2));
  OrchardFigures figures;
  add_tree_figures(overlap, figures);
  return figures;
}

}  // namespace canopy
