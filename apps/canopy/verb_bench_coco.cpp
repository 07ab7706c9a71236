// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/error.h"
#include "base/threads.h"
#include "eval/coco_eval.h"
#include "eval/coco_files.h"
#include "verbs.h"

namespace canopy {
namespace {

struct BenchCocoState {
  std::string truth, results, kind = "segm";
  int max_found = 100, repeat = 5, threads = 0;
  template <class F>
  void describe(F& field) {
    field("kind", kind, "What is compared: segm (masks) or bbox (boxes).");
    field("max-found",
          max_found,
          "Most results of an image and category that count (COCO: 100; with another number "
          "pycocotools has no AP).");
    field("repeat", repeat, "How often to evaluate, for the timing.");
    field("threads", threads, "Threads that read files and compare images; 0: all cores.");
  }
  void validate() const {
    require(kind == "segm" || kind == "bbox", "kind must be segm or bbox; it is '" + kind + "'");
    require(max_found >= 1, "max-found must be at least 1");
    require(repeat >= 1, "repeat must be at least 1");
    require(threads >= 0, "threads must not be negative");
  }
};

/// By the clock, and of the processor over all threads.
struct Seconds {
  double wall = 0, cpu = 0;
};

template <class Work>
Seconds seconds_of(const Work& work) {
  const auto started = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(),
          static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

/// The figures by the names that COCO's tools print.
nlohmann::ordered_json named(const CocoFigures& figures, const std::array<int, 3>& max_found) {
  const auto ar = [&](int limit) { return "AR_" + std::to_string(max_found[limit]); };
  nlohmann::ordered_json json;
  json["AP"] = figures.ap;
  json["AP50"] = figures.ap50;
  json["AP75"] = figures.ap75;
  json["AP_small"] = figures.ap_small;
  json["AP_medium"] = figures.ap_medium;
  json["AP_large"] = figures.ap_large;
  json[ar(0)] = figures.ar_first;
  json[ar(1)] = figures.ar_second;
  json[ar(2)] = figures.ar;
  json["AR_small"] = figures.ar_small;
  json["AR_medium"] = figures.ar_medium;
  json["AR_large"] = figures.ar_large;
  return json;
}

void print(const nlohmann::ordered_json& report) {
  const auto count = [&](const char* name) {
    return format_count(report.at(name).get<std::int64_t>());
  };
  const auto seconds = [&](const char* name) { return report.at(name).get<double>(); };
  std::printf("%s   %s images   %s truths   %s results\n",
              report.at("kind").get<std::string>().c_str(),
              count("images").c_str(),
              count("truths").c_str(),
              count("results").c_str());
  for (const auto& [name, value] : report.at("figures").items()) {
    if (value.get<double>() < 0)
      std::printf("  %-10s -1 (no truth of that kind)\n", name.c_str());
    else
      std::printf("  %-10s %.4f\n", name.c_str(), value.get<double>());
  }
  std::printf(
      "load %.4f s (CPU %.4f)   evaluate %.4f s, median %.4f of %d (CPU %.4f)   %d threads\n",
      seconds("load_s"),
      seconds("load_cpu_s"),
      seconds("evaluate_min_s"),
      seconds("evaluate_s"),
      report.at("repeat").get<int>(),
      seconds("evaluate_cpu_s"),
      report.at("threads").get<int>());
}

nlohmann::ordered_json bench(const BenchCocoState& state) {
  state.validate();
  const Overlap kind = state.kind == "segm" ? Overlap::Mask : Overlap::Box;
  const int threads = state.threads > 0 ? state.threads : available_cores();
  const CocoOptions options = {.max_found = {1, std::min(10, state.max_found), state.max_found},
                               .threads = threads};
  CocoCase files;
  const Seconds load =
      seconds_of([&] { files = read_coco_case(state.truth, state.results, kind, threads); });
  for (const std::string& note : files.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  CocoFigures figures;
  std::vector<Seconds> runs;
  for (int i = 0; i < state.repeat; ++i)
    runs.push_back(
        seconds_of([&] { figures = CocoEvaluation(files.scenes, kind, options).figures(); }));
  std::ranges::sort(runs, {}, &Seconds::wall);
  return {{"kind", state.kind},
          {"images", files.scenes.size()},
          {"truths", files.truths},
          {"results", files.results},
          {"figures", named(figures, options.max_found)},
          {"threads", threads},
          {"repeat", state.repeat},
          {"load_s", load.wall},
          {"load_cpu_s", load.cpu},
          {"evaluate_s", runs[runs.size() / 2].wall},
          {"evaluate_min_s", runs.front().wall},
          {"evaluate_cpu_s", std::ranges::min(runs, {}, &Seconds::cpu).cpu}};
}

}  // namespace

Command verb_bench_coco() {
  auto state = std::make_shared<BenchCocoState>();
  Command command("bench coco", "COCO's 12 figures of a results file, and how long they take");
  command.options(*state)
      .positional("TRUTH", state->truth, "COCO JSON: images, categories, annotations")
      .positional("RESULTS", state->results, "COCO JSON: image_id, category_id, score, shape")
      .example("canopy bench coco instances.json results.json kind=segm")
      .run([state](Context& context) {
        const nlohmann::ordered_json report = bench(*state);
        if (context.json)
          std::printf("%s\n", report.dump(2).c_str());
        else
          print(report);
        return kDone;
      });
  return command;
}

}  // namespace canopy
