// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "eval/bootstrap.h"
#include "eval/coco_eval.h"
#include "eval/counts.h"

// All figures of one model on one split, and the same as JSON. Box figures are over the pictures
// with boxes or masks, mask figures over those with masks, point figures over those with points.
// Ratios and figures carry 95 % bootstrap intervals: over pictures or, where one picture is all
// there is, over its trees (clumps.h).

namespace canopy {

struct ReportOptions {
  double score_threshold = 0.5;
  int max_found = 100;
  double point_distance_px = 10;
  int resamples = 200;
  int threads = 1;
  template <class F>
  void describe(F& field) {
    field("score-threshold", score_threshold, "Findings of at least this score count as trees.");
    field("max-found", max_found, "Most findings of a picture that AP looks at (COCO: 100).");
    field(
        "point-distance",
        point_distance_px,
        "A finding with its centre this near to a labelled point is right, in pixels of the tile.");
    field("resamples", resamples, "Bootstrap resamples behind the intervals; 0: none.");
    field("threads", threads, "Threads that compare pictures.");
  }
  void validate() const {
    require(score_threshold >= 0 && score_threshold <= 1, "score-threshold must lie in [0, 1]");
    require(max_found >= 1, "max-found must be at least 1");
    require(point_distance_px > 0, "point-distance must be positive");
    require(resamples >= 0, "resamples must not be negative");
    require(threads >= 1, "threads must be at least 1");
  }
};

/// A figure with its interval; low = high = value without resamples.
struct Figure {
  double value = 0, low = 0, high = 0;
};

/// Right, wrong and missed at one IoU.
struct DetectionFigures {
  Counts counts;
  Figure precision, recall, f1;
};

/// Everything about one kind of overlap.
struct OverlapFigures {
  std::int64_t pictures = 0, truth = 0,
               found = 0;  ///< found: at the score threshold, those that count
  CocoFigures coco;
  Figure ap, ap50;
  DetectionFigures at_40, at_50;
  Figure count_error;                  ///< (found - truth) / truth
  double count_error_per_picture = 0;  ///< mean of |found - truth| over pictures, in trees
  AreaError area;                      ///< of pairs matched at IoU .5
  Figure area_error;                   ///< its median
};

/// Of the pictures whose labels are points.
struct PointFigures {
  std::int64_t pictures = 0;
  double distance_px = 0;
  DetectionFigures trees;
  Figure count_error;  ///< (found - truth) / truth
};

struct EvalReport {
  double score_threshold = 0.5;
  int max_found = 100;
  OverlapFigures box;  ///< of no picture where all labels are points
  std::optional<OverlapFigures> mask;
  std::optional<PointFigures> point;
  /// What a grower asks: of the trees, how many were found, and of the findings, how many are
  /// trees. At mask IoU .5, or box IoU .4 where there are boxes only, or by points.
  DetectionFigures trees;
};

/// Throws User without scenes.
EvalReport make_report(std::span<const Scene> scenes, const ReportOptions& options);

nlohmann::ordered_json to_json(const EvalReport& report);

}  // namespace canopy
