// SPDX-License-Identifier: Apache-2.0
#include "eval/eval_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/threads.h"
#include "eval/clumps.h"
#include "eval/point_match.h"

namespace canopy {
namespace {

using Statistic = std::function<double(std::span<const int>)>;

/// Scenes, and what a bootstrap draws of them: the scenes themselves, or the clumps of the only
/// one.
struct Sample {
  std::span<const Scene> scenes;
  std::vector<Scene> clumps;
  std::span<const Scene> drawn() const {
    return clumps.empty() ? scenes : std::span<const Scene>(clumps);
  }
};

Sample sample_of(std::span<const Scene> scenes, Overlap kind) {
  constexpr double kLeastIou = 0.4;  // of all matches below
  if (scenes.size() != 1) return {scenes, {}};
  return {scenes, clumps_of(scenes[0], kind, kLeastIou)};
}

/// `value`, with the interval of a statistic over `drawn` units.
Figure with_interval(double value,
                     std::int64_t drawn,
                     const ReportOptions& options,
                     const Statistic& statistic) {
  if (options.resamples == 0) return {value, value, value};
  const Interval interval = bootstrap(drawn, statistic, {.resamples = options.resamples});
  if (std::isnan(interval.low)) return {value, value, value};
  return {value, interval.low, interval.high};
}

Counts sum(const std::vector<Counts>& counts, std::span<const int> times) {
  Counts total;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total.right += counts[i].right * times[i];
    total.wrong += counts[i].wrong * times[i];
    total.missed += counts[i].missed * times[i];
  }
  return total;
}

using CountOne = std::function<Counts(const Scene&)>;

std::vector<Counts> count_each(std::span<const Scene> scenes, int threads, const CountOne& one) {
  std::vector<Counts> counts(scenes.size());
  parallel_for(std::ssize(scenes), threads, [&](std::int64_t i) { counts[i] = one(scenes[i]); });
  return counts;
}

/// Counts of the scenes with what a bootstrap draws.
struct CountedSample {
  std::vector<Counts> scenes, drawn;
  Counts total;
};

CountedSample count_sample(const Sample& sample,
                           const ReportOptions& options,
                           const CountOne& one) {
  CountedSample counted;
  counted.scenes = count_each(sample.scenes, options.threads, one);
  counted.drawn =
      sample.clumps.empty() ? counted.scenes : count_each(sample.clumps, options.threads, one);
  for (const Counts& counts : counted.scenes) counted.total += counts;
  return counted;
}

Figure ratio(const CountedSample& counted,
             const ReportOptions& options,
             double (Counts::*which)() const) {
  return with_interval((counted.total.*which)(), std::ssize(counted.drawn), options, [&](auto t) {
    return (sum(counted.drawn, t).*which)();
  });
}

DetectionFigures detection(const CountedSample& counted, const ReportOptions& options) {
  return {counted.total,
          ratio(counted, options, &Counts::precision),
          ratio(counted, options, &Counts::recall),
          ratio(counted, options, &Counts::f1)};
}

Figure median_area_error(const Sample& sample,
                         double value,
                         const MatchOptions& match,
                         const ReportOptions& options) {
  const std::span<const Scene> drawn = sample.drawn();
  std::vector<std::vector<AreaPair>> pairs;
  for (const Scene& scene : drawn)
    pairs.push_back(area_pairs(scene, match, options.score_threshold));
  return with_interval(value, std::ssize(drawn), options, [&](auto times) {
    std::vector<double> errors;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      for (int k = 0; k < times[i]; ++k)
        for (const AreaPair& pair : pairs[i]) errors.push_back(pair.relative_error());
    if (errors.empty()) return static_cast<double>(NAN);
    const auto middle = errors.begin() + std::ssize(errors) / 2;
    std::nth_element(errors.begin(), middle, errors.end());
    return *middle;
  });
}

/// AP and AP50 with their intervals.
void fill_precision(const Sample& sample,
                    Overlap kind,
                    const ReportOptions& options,
                    OverlapFigures& figures) {
  const int most = options.max_found;
  const CocoOptions how = {.max_found = {std::min(1, most), std::min(10, most), most},
                           .threads = options.threads};
  figures.coco = CocoEvaluation(sample.scenes, kind, how).figures();
  const CocoEvaluation drawn(sample.drawn(), kind, how);
  const auto of = [&](double CocoFigures::*which) {
    return with_interval(figures.coco.*which, drawn.scenes(), options, [&](auto times) {
      const double value = drawn.precision_of_sample(times).*which;
      return value < 0 ? NAN : value;  // a draw without truth
    });
  };
  figures.ap = of(&CocoFigures::ap);
  figures.ap50 = of(&CocoFigures::ap50);
}

OverlapFigures overlap_figures(std::span<const Scene> scenes,
                               Overlap kind,
                               const ReportOptions& options) {
  const Sample sample = sample_of(scenes, kind);
  OverlapFigures figures;
  figures.pictures = std::ssize(scenes);
  fill_precision(sample, kind, options, figures);
  const auto counted = [&](double iou) {
    return count_sample(sample, options, [&, iou](const Scene& scene) {
      return count(scene, {kind, iou}, options.score_threshold);
    });
  };
  figures.at_40 = detection(counted(0.4), options);
  const CountedSample at_50 = counted(0.5);
  figures.at_50 = detection(at_50, options);
  figures.truth = at_50.total.truth();
  figures.found = at_50.total.found();
  figures.count_error = ratio(at_50, options, &Counts::count_error);
  for (const Counts& one : at_50.scenes)
    figures.count_error_per_picture += std::abs(static_cast<double>(one.found() - one.truth())) /
                                       static_cast<double>(figures.pictures);
  figures.area = area_error(scenes, {kind, 0.5}, options.score_threshold);
  figures.area_error =
      median_area_error(sample, figures.area.median_relative, {kind, 0.5}, options);
  return figures;
}

PointFigures point_figures(std::span<const Scene> scenes, const ReportOptions& options) {
  const CountedSample counted = count_sample({scenes, {}}, options, [&](const Scene& scene) {
    return count_points(scene, options.point_distance_px, options.score_threshold);
  });
  return {std::ssize(scenes),
          options.point_distance_px,
          detection(counted, options),
          ratio(counted, options, &Counts::count_error)};
}

/// A scene whose counted truths all have masks; one without any truth counts as such, too.
bool has_masks(const Scene& scene) {
  return std::ranges::all_of(scene.truth,
                             [](const TruthTree& tree) { return !tree.mask.counts.empty(); });
}

nlohmann::ordered_json to_json(const Figure& figure) {
  return {{"value", figure.value}, {"low", figure.low}, {"high", figure.high}};
}

nlohmann::ordered_json to_json(const DetectionFigures& figures) {
  return {{"precision", to_json(figures.precision)},
          {"recall", to_json(figures.recall)},
          {"f1", to_json(figures.f1)},
          {"right", figures.counts.right},
          {"wrong", figures.counts.wrong},
          {"missed", figures.counts.missed}};
}

nlohmann::ordered_json to_json(const OverlapFigures& figures) {
  const CocoFigures& coco = figures.coco;
  return {{"pictures", figures.pictures},
          {"truth", figures.truth},
          {"found", figures.found},
          {"ap", to_json(figures.ap)},
          {"ap50", to_json(figures.ap50)},
          {"ap75", coco.ap75},
          {"ap_small", coco.ap_small},
          {"ap_medium", coco.ap_medium},
          {"ap_large", coco.ap_large},
          {"ar_first", coco.ar_first},
          {"ar_second", coco.ar_second},
          {"ar", coco.ar},
          {"ar_small", coco.ar_small},
          {"ar_medium", coco.ar_medium},
          {"ar_large", coco.ar_large},
          {"iou_40", to_json(figures.at_40)},
          {"iou_50", to_json(figures.at_50)},
          {"count_error", to_json(figures.count_error)},
          {"count_error_per_picture", figures.count_error_per_picture},
          {"area_error",
           {{"pairs", figures.area.pairs},
            {"median_relative", to_json(figures.area_error)},
            {"bias_relative", figures.area.bias_relative}}}};
}

nlohmann::ordered_json to_json(const PointFigures& figures) {
  nlohmann::ordered_json json = {{"pictures", figures.pictures},
                                 {"distance_px", figures.distance_px}};
  json.update(to_json(figures.trees));
  json["count_error"] = to_json(figures.count_error);
  return json;
}

}  // namespace

EvalReport make_report(std::span<const Scene> scenes, const ReportOptions& options) {
  options.validate();
  require(!scenes.empty(), "there is no picture to evaluate on");
  EvalReport report;
  report.score_threshold = options.score_threshold;
  report.max_found = options.max_found;
  std::vector<Scene> with_boxes, with_masks, with_points;
  for (const Scene& scene : scenes) {
    (scene.has_points ? with_points : with_boxes).push_back(scene);
    if (!scene.has_points && has_masks(scene)) with_masks.push_back(scene);
  }
  const bool any_mask =
      std::ranges::any_of(with_masks, [](const Scene& scene) { return !scene.truth.empty(); });
  if (!with_boxes.empty()) report.box = overlap_figures(with_boxes, Overlap::Box, options);
  if (any_mask) report.mask = overlap_figures(with_masks, Overlap::Mask, options);
  if (!with_points.empty()) report.point = point_figures(with_points, options);
  report.trees = report.mask          ? report.mask->at_50
                 : with_boxes.empty() ? report.point->trees
                                      : report.box.at_40;
  return report;
}

nlohmann::ordered_json to_json(const EvalReport& report) {
  const nlohmann::ordered_json nothing;
  return {{"score_threshold", report.score_threshold},
          {"max_found", report.max_found},
          {"trees", to_json(report.trees)},
          {"box", report.box.pictures > 0 ? to_json(report.box) : nothing},
          {"mask", report.mask ? to_json(*report.mask) : nothing},
          {"point", report.point ? to_json(*report.point) : nothing}};
}

}  // namespace canopy
