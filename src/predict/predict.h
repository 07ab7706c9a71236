// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "geo/raster.h"
#include "nn/compute.h"
#include "nn/model_file.h"
#include "nn/working_resolution.h"
#include "predict/stitcher.h"
#include "predict/tile_model.h"

// A whole mosaic to a label map: cut into cores and halos (tile_plan.h), each tile seen by the
// model, every pixel given to one tree (nn/one_tree_per_pixel.h), tiles joined (stitcher.h), one
// GeoTIFF of uint32 tree ids written (labels.tif, a COG on the working grid). Memory is bounded by
// a tile; the mosaic may have any size. What the model said is kept until the map is written
// (tile_journal.h), so that the same call goes on after a kill.

namespace canopy {

struct PredictOptions {
  double working_gsd_m = 0;
  double score_threshold = 0;
  int tile_size_px = 768;
  int halo_px = 36;
  int min_crown_px = 24;
  ComputeOptions compute = {};
  template <class F>
  void describe(F& field) {
    field("working-gsd",
          working_gsd_m,
          "Ground resolution to work at, metres per pixel; 0: chosen from the imagery.");
    field("score-threshold",
          score_threshold,
          "Score from which a detection is a tree; 0: the model's own.");
    field("tile-size", tile_size_px, "Edge of what the model sees at once, in working pixels.");
    field("halo",
          halo_px,
          "Border shared with neighbours, in working pixels: at least one crown radius.");
    field("min-crown", min_crown_px, "Smaller crowns are dropped, in working pixels.");
    compute.describe(field);
  }
  void validate() const;
};

struct Prediction {
  std::vector<StitchedTree> trees;  ///< by id, as in the label map
  WorkingResolution resolution;
  Window grid;  ///< of the label map
  double overlap_tax = 1;
  double seconds = 0, megapixels = 0;  ///< of the working grid
};

/// Predicts `raster` with the network and writes `labels`. Throws 'interrupted' as Environment when
/// asked to stop: the label map is not written then, the tiles seen so far are kept.
Prediction predict_mosaic(const Raster& raster,
                          const Model& model,
                          const PredictOptions& options,
                          const std::filesystem::path& labels,
                          Progress& progress);

/// The same with any finder of trees at a given resolution; what tests and a perfect model use.
Prediction predict_mosaic_with(const Raster& raster,
                               const ModelInfo& info,
                               const TileModel& model,
                               const WorkingResolution& resolution,
                               const PredictOptions& options,
                               const std::filesystem::path& labels,
                               Progress& progress);

}  // namespace canopy
