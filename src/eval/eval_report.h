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

// All figures of one model on one split, and the same as JSON. Ratios and figures carry 95 %
// bootstrap intervals over pictures. Mask figures exist only over the pictures whose truth has
// masks.

namespace canopy {

struct ReportOptions {
  double score_threshold = 0.5;
  int max_found = 100;
  int resamples = 200;
  int threads = 1;
  template <class F>
  void describe(F& field) {
    field("score-threshold", score_threshold, "Findings of at least this score count as trees.");
    field("max-found", max_found, "Most findings of a picture that AP looks at (COCO: 100).");
    field("resamples", resamples, "Bootstrap resamples behind the intervals; 0: none.");
    field("threads", threads, "Threads that compare pictures.");
  }
  void validate() const {
    require(score_threshold >= 0 && score_threshold <= 1, "score-threshold must lie in [0, 1]");
    require(max_found >= 1, "max-found must be at least 1");
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
};

struct EvalReport {
  double score_threshold = 0.5;
  int max_found = 100;
  OverlapFigures box;
  std::optional<OverlapFigures> mask;
  /// What a grower asks: of the trees, how many were found, and of the findings, how many are
  /// trees. At mask IoU .5, or box IoU .4 where there are boxes only.
  DetectionFigures trees;
};

/// Throws User without scenes.
EvalReport make_report(std::span<const Scene> scenes, const ReportOptions& options);

nlohmann::ordered_json to_json(const EvalReport& report);

}  // namespace canopy
