// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "data/order.h"
#include "eval/eval_report.h"
#include "nn/compute.h"
#include "nn/model_file.h"
#include "store/blob_store.h"

// A model against the labels of a split. Each tile is run whole, resampled to a zoom that the tiles
// of its source share (source_zoom.h): where the crowns that the model finds in a few of them have
// the size that it was trained on. The labels have no part in that. Tiles are read ahead of the
// network (tile_reads.h), in an order that no thread has a say in.

namespace canopy {

struct EvaluateOptions {
  std::string scale = "crowns";
  std::vector<std::string> without = {};
  int tiles = 0;
  double score_threshold = -1;
  int max_found = 100;
  double point_distance_px = 10;
  int resamples = 200;
  ComputeOptions compute = {};
  template <class F>
  void describe(F& field) {
    field("scale",
          scale,
          "Working scale: crowns (as found in a few tiles of each source), trained (the nearest "
          "ground resolution of training), or a ground resolution in metres, such as 0.1.");
    field("without", without, "Bands that the model does not get to see, such as nir,red_edge.");
    field("tiles", tiles, "Most tiles looked at, spread evenly; 0: all.");
    field("score-threshold",
          score_threshold,
          "Score from which a finding is a tree; below 0: the model's own.");
    field("max-found", max_found, "Most findings of a tile that AP looks at (COCO: 100).");
    field(
        "point-distance",
        point_distance_px,
        "A finding with its centre this near to a labelled point is right, in pixels of the tile.");
    field("resamples", resamples, "Bootstrap resamples behind the intervals; 0: none.");
    compute.describe(field);
  }
  void validate() const;
};

/// What the model finds in every tile beside its labels. Throws User for a tile without labels,
/// naming it.
std::vector<Scene> find_scenes(const Model& model,
                               const BlobStore& store,
                               std::span<const ExampleRef> refs,
                               const EvaluateOptions& options,
                               Progress& progress);

/// The figures of a split. Throws User when `refs` is empty.
EvalReport evaluate(const Model& model,
                    const BlobStore& store,
                    std::span<const ExampleRef> refs,
                    const EvaluateOptions& options,
                    Progress& progress);

/// At most `count` of them (0: all), spread evenly over the list.
std::vector<ExampleRef> spread(std::span<const ExampleRef> refs, std::int64_t count);

}  // namespace canopy
