// SPDX-License-Identifier: Apache-2.0
#include "eval/eval_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/threads.h"

namespace canopy {
namespace {

using Statistic = std::function<double(std::span<const int>)>;

Figure figure(std::int64_t pictures, const ReportOptions& options, const Statistic& statistic) {
  const std::vector<int> once(static_cast<std::size_t>(pictures), 1);
  const double value = statistic(once);
  if (options.resamples == 0) return {value, value, value};
  const Interval interval = bootstrap(pictures, statistic, {.resamples = options.resamples});
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

std::vector<Counts> count_each(std::span<const Scene> scenes,
                               const MatchOptions& match,
                               const ReportOptions& options) {
  std::vector<Counts> counts(scenes.size());
  parallel_for(std::ssize(scenes), options.threads, [&](std::int64_t i) {
    counts[i] = count(scenes[i], match, options.score_threshold);
  });
  return counts;
}

DetectionFigures detection(const std::vector<Counts>& counts, const ReportOptions& options) {
  const std::int64_t n = std::ssize(counts);
  DetectionFigures figures;
  for (const Counts& one : counts) figures.counts += one;
  const auto of = [&](double (Counts::*ratio)() const) {
    return figure(n, options, [&](auto times) { return (sum(counts, times).*ratio)(); });
  };
  figures.precision = of(&Counts::precision);
  figures.recall = of(&Counts::recall);
  figures.f1 = of(&Counts::f1);
  return figures;
}

OverlapFigures overlap_figures(std::span<const Scene> scenes,
                               Overlap kind,
                               const ReportOptions& options) {
  OverlapFigures figures;
  figures.pictures = std::ssize(scenes);
  const int most = options.max_found;
  const CocoEvaluation coco(
      scenes,
      kind,
      {.max_found = {std::min(1, most), std::min(10, most), most}, .threads = options.threads});
  figures.coco = coco.figures();
  const auto with_interval = [&](double CocoFigures::*which) {
    Figure one = figure(figures.pictures, options, [&](auto times) {
      const double value = coco.precision_of_sample(times).*which;
      return value < 0 ? NAN : value;  // a draw without truth
    });
    if (std::isnan(one.value)) one = {-1, -1, -1};
    return one;
  };
  figures.ap = with_interval(&CocoFigures::ap);
  figures.ap50 = with_interval(&CocoFigures::ap50);
  figures.at_40 = detection(count_each(scenes, {kind, 0.4}, options), options);
  const std::vector<Counts> at_50 = count_each(scenes, {kind, 0.5}, options);
  figures.at_50 = detection(at_50, options);
  figures.truth = figures.at_50.counts.truth();
  figures.found = figures.at_50.counts.found();
  figures.count_error = figure(
      figures.pictures, options, [&](auto times) { return sum(at_50, times).count_error(); });
  for (const Counts& one : at_50)
    figures.count_error_per_picture += std::abs(static_cast<double>(one.found() - one.truth())) /
                                       static_cast<double>(figures.pictures);
  figures.area = area_error(scenes, {kind, 0.5}, options.score_threshold);
  return figures;
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
            {"median_relative", figures.area.median_relative},
            {"bias_relative", figures.area.bias_relative}}}};
}

}  // namespace

EvalReport make_report(std::span<const Scene> scenes, const ReportOptions& options) {
  options.validate();
  require(!scenes.empty(), "there is no picture to evaluate on");
  EvalReport report;
  report.score_threshold = options.score_threshold;
  report.max_found = options.max_found;
  report.box = overlap_figures(scenes, Overlap::Box, options);
  std::vector<Scene> with_masks;
  for (const Scene& scene : scenes)
    if (has_masks(scene)) with_masks.push_back(scene);
  const bool any_mask =
      std::ranges::any_of(with_masks, [](const Scene& scene) { return !scene.truth.empty(); });
  if (any_mask) report.mask = overlap_figures(with_masks, Overlap::Mask, options);
  report.trees = report.mask ? report.mask->at_50 : report.box.at_40;
  return report;
}

nlohmann::ordered_json to_json(const EvalReport& report) {
  nlohmann::ordered_json json = {{"score_threshold", report.score_threshold},
                                 {"max_found", report.max_found},
                                 {"trees", to_json(report.trees)},
                                 {"box", to_json(report.box)}};
  json["mask"] = report.mask ? to_json(*report.mask) : nlohmann::ordered_json(nullptr);
  return json;
}

}  // namespace canopy
