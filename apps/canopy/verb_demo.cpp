// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>

#include "base/atomic_file.h"
#include "base/error.h"
#include "demo_pictures.h"
#include "demo_steps.h"
#include "serve/survey_server.h"
#include "share.h"
#include "survey_steps.h"
#include "verbs.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// An empty workspace at the demo's folder. Another demo there is removed; anything else is left
/// alone.
Workspace fresh_workspace(const fs::path& folder) {
  const fs::path marker = folder / "DEMO";
  if (fs::exists(folder) && !fs::is_empty(folder)) {
    if (!fs::exists(marker))
      throw Error(Fault::Conflict, folder.string() + " exists and is no demo; pass folder=ANOTHER");
    fs::remove_all(folder);
  }
  write_file(marker, "Made by 'canopy demo', which removes this folder when it is run again.\n");
  return Workspace::create(folder);
}

constexpr double kFineTuningRate = 1.5e-4;  ///< the bundled model knows trees already

/// What the demo found, for the table and the report.
struct DemoResult {
  TrainResult training;
  nlohmann::ordered_json neon;
  PrecisionRecall neon_naive;
  OrchardFigures orchard, orchard_naive;
  Prediction prediction;
  Survey survey;
  double seconds = 0;
};

std::vector<ReportFigure> figures_of(const DemoResult& result) {
  const std::string command = "make demo ARGS=--no-serve",
                    naive = "vegetation index, Otsu threshold, components";
  std::vector<ReportFigure> figures;
  const auto add = [&](const std::string& name,
                       double value,
                       const std::string& unit,
                       std::optional<double> baseline) {
    ReportFigure figure;
    figure.name = name;
    figure.value = value;
    figure.unit = unit;
    figure.command = command;
    if (baseline) {
      figure.against = naive;
      figure.against_value = baseline;
    }
    figures.push_back(figure);
  };
  add("demo.seconds", result.seconds, "s", {});
  add("orchard.tree_precision",
      result.orchard.trees.precision,
      "share",
      result.orchard_naive.trees.precision);
  add("orchard.tree_recall",
      result.orchard.trees.recall,
      "share",
      result.orchard_naive.trees.recall);
  add("orchard.count_error", result.orchard.count_error, "share", result.orchard_naive.count_error);
  add("orchard.area_error_median",
      result.orchard.area_error_median,
      "share",
      result.orchard_naive.area_error_median);
  add("orchard.pixel_conflicts", static_cast<double>(result.orchard.pixel_conflicts), "px", {});
  add("orchard.missing_precision", result.orchard.missing.precision, "share", {});
  add("orchard.missing_recall", result.orchard.missing.recall, "share", {});
  const auto& box = result.neon.at("box").at("iou_40");
  add("neon.box_precision_40",
      box.at("precision").at("value"),
      "share",
      result.neon_naive.precision);
  add("neon.box_recall_40", box.at("recall").at("value"), "share", result.neon_naive.recall);
  for (const char* name : {"precision", "recall"}) {
    ReportFigure& figure = figures[figures.size() - (name[0] == 'p' ? 2 : 1)];
    figure.low = box.at(name).at("low").get<double>();
    figure.high = box.at(name).at("high").get<double>();
  }
  add("demo.samples_per_second", result.training.samples_per_s, "1/s", {});
  add("demo.waiting_share", result.training.waiting_share, "share", {});
  return figures;
}

void print_table(const std::vector<ReportFigure>& figures,
                 const DemoResult& result,
                 const fs::path& folder) {
  std::printf("\n%-30s %12s   %s\n", "figure", "canopy", "naive baseline");
  for (const ReportFigure& figure : figures) {
    const bool percent = figure.unit == "share";
    std::printf("%-30s %11.*f%s",
                figure.name.c_str(),
                percent               ? 1
                : figure.unit == "px" ? 0
                                      : 1,
                percent ? *figure.value * 100 : *figure.value,
                percent ? "%" : " ");
    if (figure.against_value) std::printf("   %.1f%%", *figure.against_value * 100);
    if (figure.low) std::printf("   (95 %%: %.0f to %.0f)", *figure.low * 100, *figure.high * 100);
    std::printf("\n");
  }
  std::printf("\ntrained    %s steps in %s\n",
              format_count(result.training.steps).c_str(),
              format_duration(result.training.seconds).c_str());
  std::printf("survey     %zu trees, %zu missing, %.2f Mpx/s\n",
              result.survey.trees.size(),
              result.survey.missing.size(),
              result.prediction.megapixels / std::max(1e-3, result.prediction.seconds));
  std::printf("files      %s: surveys/orchard/, models/, datasets/, previews/\n", folder.c_str());
}

/// The figures as a report: in the demo's folder, and in reports/ of the current folder where there
/// is one, as in the repository, which keeps the last one.
void write_report(const std::vector<ReportFigure>& figures, const fs::path& folder) {
  std::vector<fs::path> paths = {folder / "reports/demo.json"};
  if (fs::is_directory("reports")) paths.push_back(fs::absolute("reports/demo.json"));
  for (const fs::path& path : paths) {
    write_figures(path, figures);
    std::printf("report     %s\n", path.c_str());
  }
}

void draw_previews(const fs::path& folder, const fs::path& ortho_path, const Survey& survey) {
  constexpr int kEdge = 900;
  const Raster ortho = Raster::open(ortho_path);
  const Picture input = natural_colour(ortho, kEdge);
  Picture crowns = input;
  draw_survey(crowns, ortho, survey);
  const Picture layers = survey_map(ortho, survey, kEdge);
  write_png(folder / "input.png", input);
  write_png(folder / "crowns.png", crowns);
  write_png(folder / "map.png", layers);
  write_png(folder / "survey.png", beside({input, crowns, layers}));
}

DemoResult run_demo(const DemoOptions& options, OpenWorkspace& space, Progress& progress) {
  DemoResult result;
  const fs::path root = space.workspace().root(), neon = shared_file("neon");
  const auto orchards = training_orchards();
  const auto folders = make_orchards(orchards, root / "inputs", progress);
  const fs::path unseen =
      make_orchards({surveyed_orchard(options)}, root / "inputs", progress).front();
  ingest_inputs(space, neon, orchards, folders, progress);
  const CreatedSnapshot dataset = space.create_dataset(demo_query());
  std::printf("dataset    %s   %s tiles\n",
              dataset.snapshot.ref().c_str(),
              format_count(dataset.snapshot.tile_count()).c_str());
  std::fflush(stdout);

  TrainOptions training;
  training.name = "demo";
  training.minutes = options.minutes;
  training.seed = options.seed;
  training.start = shared_file(kBundledModel).string();
  training.lr = kFineTuningRate;
  fs::path model;
  result.training = space.train_model(dataset.snapshot, training, "demo", false, progress, &model);
  if (!result.training.is_done) throw Error(Fault::Environment, "interrupted during training");
  result.neon = space.evaluate_model(model, dataset.snapshot, "test", EvaluateOptions{}, progress);

  SurveyOptions survey_options;
  survey_options.dsm = (unseen / "dsm.tif").string();
  survey_options.survey_id = "orchard";
  const fs::path survey_folder = space.workspace().surveys() / "orchard";
  result.survey = survey_mosaic(unseen / "ortho.tif",
                                model,
                                survey_options,
                                PredictOptions{},
                                survey_folder,
                                progress,
                                &result.prediction);
  result.orchard = judge_survey(result.survey, survey_folder / "labels.tif", unseen);
  result.orchard_naive = judge_naive(unseen);
  result.neon_naive = naive_on_neon(neon);
  draw_previews(root / "previews", unseen / "ortho.tif", result.survey);
  return result;
}

}  // namespace

Command verb_demo() {
  auto options = std::make_shared<DemoOptions>();
  Command command("demo",
                  "The whole path on real and synthetic input, in ten minutes, then the map");
  command.options(*options).run([options](Context& context) {
    const auto started = Clock::now();
    const fs::path folder = fs::absolute(options->folder);
    OpenWorkspace space(fresh_workspace(folder));
    DemoResult result = run_demo(*options, space, *context.progress);
    result.seconds = seconds_since(started);
    const auto figures = figures_of(result);
    print_table(figures, result, folder);
    write_report(figures, folder);
    if (options->no_serve) return kDone;
    auto shelf = std::make_shared<SurveyShelf>();
    shelf->put(make_served(result.survey, space.workspace().surveys() / "orchard"));
    HttpServerOptions server_options;
    server_options.port = options->port;
    const SurveyServer server(shelf, shared_file("web"), server_options);
    std::printf("map        %s   (Ctrl-C ends it)\n", server.url().c_str());
    std::fflush(stdout);
    server.wait();
    return kDone;
  });
  return command;
}

}  // namespace canopy
