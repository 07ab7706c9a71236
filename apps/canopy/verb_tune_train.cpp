// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/atomic_file.h"
#include "base/error.h"
#include "records.h"
#include "train/run_folder.h"
#include "train/schedule.h"
#include "train/training_tiles.h"
#include "train_start.h"
#include "training_study.h"
#include "tuned_defaults.h"
#include "verbs.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kEvaluations = 5;  ///< of a trial, where eval-every is left out

struct TuneTrainState {
  std::string dataset, study;
  SearchOptions options;
  TrainStart start;
  TrainOptions training;
  template <class F>
  void describe(F& field) {
    field("study",
          study,
          "Name of the study; <dataset>-tune when left out. One that is there goes on.");
    options.describe(field);
    start.describe(field);
    training.describe(field);
  }
};

/// Throws User where nothing on the val split tells one setting from another.
void require_judge(const Snapshot& dataset,
                   const TrainingData& data,
                   const std::string& objective) {
  const std::vector<ExampleRef> val = labelled_tiles(data.refs, "val");
  require(!val.empty(), [&] {
    return dataset.ref() +
           " has no labelled tile in its split 'val', and without one all settings are alike; make "
           "it again with --split train=80,val=20";
  });
  const auto is_judged = [&](const ExampleRef& tile) {
    return objective == "f1" || tile.label_kind == "mask" ||
           (objective == "box_ap50" && tile.label_kind == "box");
  };
  require(std::ranges::any_of(val, is_judged), [&] {
    return "objective " + objective + ": no tile in the split 'val' of " + dataset.ref() +
           " has labels for it; use objective=" + (objective == "box_ap50" ? "f1" : "box_ap50");
  });
}

/// Where evaluations are left out, a trial has a few of them.
void choose_evaluations(TrainOptions& training, const TrainingData& data) {
  if (training.eval_every > 0) return;
  const std::int64_t steps =
      Schedule(training, std::ssize(labelled_tiles(data.refs, "train"))).total_steps();
  require(steps > 0,
          "eval-every is needed with minutes, so that trials compare after the same steps");
  training.eval_every = static_cast<int>(std::max<std::int64_t>(1, steps / kEvaluations));
}

TrainOptions with_start(TrainOptions training,
                        const TrainStart& start,
                        const std::string& study,
                        Context& context) {
  start.apply(training, context);
  if (training.name.empty()) training.name = study;
  return training;
}

TrainingStudy open_study(OpenWorkspace& space, TuneTrainState& state, Context& context) {
  const Snapshot dataset = space.dataset(state.dataset);
  const TrainingData data = space.training_data(dataset);
  if (state.study.empty()) state.study = dataset.name + "-tune";
  require(state.study.find('/') == std::string::npos && !state.study.starts_with('.'), [&] {
    return "study: '" + state.study + "' cannot name a run; leave out '/' and a first '.'";
  });
  state.options.validate();
  require_judge(dataset, data, state.options.objective);
  const TuneTrainState usual;
  const TrainOptions given = with_start(state.training, state.start, state.study, context);
  given.validate();
  TrainOptions tried = given;
  choose_evaluations(tried, data);  // before there is a study
  TrainingStudy study =
      open_training_study(space.workspace(),
                          state.study,
                          dataset,
                          given,
                          with_start(usual.training, usual.start, state.study, context),
                          state.options);
  require_judge(dataset, data, study.options.objective);
  choose_evaluations(study.training, data);
  return study;
}

TrialOutcome run_trial(OpenWorkspace& space,
                       const Snapshot& dataset,
                       const TrainingStudy& study,
                       const Trial& trial,
                       const SearchTasks::GoOn& go_on,
                       Progress& progress) {
  const RunFolder run(space.workspace().runs() / trial.run);
  if (run.is_stopped()) return {.kind = TrialOutcome::Kind::Stopped};
  TrainOptions options = study.training;
  Fields fields(options);
  apply(trial.setting, fields);
  const std::string& objective = study.options.objective;
  const auto after = [&](std::int64_t step, const std::map<std::string, double>& figures) {
    const auto found = figures.find("val_" + objective);
    return go_on(step, found == figures.end() ? NAN : found->second);
  };
  std::filesystem::path model;
  const TrainResult result =
      space.train_model(dataset, options, trial.run, run.exists(), progress, &model, after);
  if (result.is_stopped) return {.kind = TrialOutcome::Kind::Stopped};
  if (!result.is_done) return {.kind = TrialOutcome::Kind::Interrupted};
  Json attributes = result.metrics;
  attributes["seconds"] = result.seconds;
  attributes["model"] = space.relative(model);
  return {.value = result.metrics.value(objective, std::numeric_limits<double>::quiet_NaN()),
          .attributes = attributes};
}

std::string words_of(const Setting& setting) {
  std::string words;
  for (const auto& [name, text] : setting) words += (words.empty() ? "" : "  ") + name + "=" + text;
  return words;
}

std::int64_t steps_of(const Trial& trial) {
  return trial.reports.empty() ? 0 : trial.reports.rbegin()->first;
}

void print_event(const Trial& trial, const std::string& objective) {
  std::printf("trial %-4lld ", static_cast<long long>(trial.number));
  switch (trial.state) {
    case TrialState::Complete:
      std::printf("%s %.4f\n", objective.c_str(), *trial.value);
      break;
    case TrialState::Pruned:
      std::printf("stopped after step %lld at %s %.4f\n",
                  static_cast<long long>(steps_of(trial)),
                  objective.c_str(),
                  trial.value.value_or(0));
      break;
    case TrialState::Fail:
      std::printf("failed: %s\n", trial.error.c_str());
      break;
    default:
      std::printf("%s\n", words_of(trial.setting).c_str());
  }
  std::fflush(stdout);
}

void print_table(const std::vector<Trial>& trials, const std::string& objective) {
  std::printf(
      "\n%-6s %-9s %10s %8s  %s\n", "trial", "state", objective.c_str(), "steps", "setting");
  for (const Trial& trial : trials) {
    char value[32] = "-";
    if (trial.value) std::snprintf(value, sizeof value, "%.4f", *trial.value);
    std::printf("%-6lld %-9s %10s %8lld  %s\n",
                static_cast<long long>(trial.number),
                name_of(trial.state),
                value,
                static_cast<long long>(steps_of(trial)),
                words_of(trial.setting).c_str());
  }
}

Json to_json(const Trial& trial) {
  Json json = {{"number", trial.number},
               {"state", name_of(trial.state)},
               {"value", nullptr},
               {"steps_evaluated", steps_of(trial)},
               {"run", trial.run},
               {"setting", trial.setting}};
  if (trial.value) json["value"] = *trial.value;
  if (!trial.error.empty()) json["error"] = trial.error;
  return json;
}

/// The best setting as a config file of `train`.
std::filesystem::path write_best(const TrainingStudy& study,
                                 const Trial& best,
                                 const Workspace& workspace) {
  std::filesystem::path file = workspace.studies() / (study.study.name() + ".toml");
  TrainOptions options;
  const std::string head = "# Trial " + std::to_string(best.number) + " of the study " +
                           study.study.name() + ": " + study.options.objective + " " +
                           std::to_string(*best.value) +
                           " on the val split. canopy train takes it as config=FILE.\n";
  write_file(file, head + to_toml(best.setting, Fields(options)));
  return file;
}

void report(OpenWorkspace& space,
            const TrainingStudy& study,
            const Context& context,
            bool is_done) {
  const std::vector<Trial> trials = study.study.trials();
  const std::optional<Trial> best = best_of(trials);
  const std::string config =
      best ? space.relative(write_best(study, *best, space.workspace())) : "";
  if (context.json) {
    Json list = Json::array();
    for (const Trial& trial : trials) list.push_back(to_json(trial));
    const Json document = {{"study", study.study.name()},
                           {"file", study_file(space.workspace()).string()},
                           {"objective", study.options.objective},
                           {"done", is_done},
                           {"trials", list},
                           {"best", best ? to_json(*best) : Json()},
                           {"config", best ? Json(config) : Json()}};
    std::printf("%s\n", document.dump(2).c_str());
    return;
  }
  print_table(trials, study.options.objective);
  if (!is_done) std::printf("stopped    the same command goes on\n");
  if (!best) return;
  std::printf("best       trial %lld, %s %.4f: run %s\n",
              static_cast<long long>(best->number),
              study.options.objective.c_str(),
              *best->value,
              best->run.c_str());
  std::printf("written    %s: canopy train DATASET config=%s\n", config.c_str(), config.c_str());
}

int run_search(TuneTrainState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  TrainingStudy study = open_study(space, state, context);
  const Snapshot dataset = space.dataset(state.dataset);
  const std::string& objective = study.options.objective;
  if (!context.json) {
    print_defaults(context.defaults, space.workspace());
    std::printf("study      %s in %s: %d trials, %s on val, evaluated every %d steps\n",
                state.study.c_str(),
                space.relative(study_file(space.workspace())).c_str(),
                study.options.trials,
                objective.c_str(),
                study.training.eval_every);
    for (const Parameter& parameter : study.space)
      std::printf("search     %s\n", to_text(parameter).c_str());
  }
  SearchTasks tasks;
  tasks.report_every = study.training.eval_every;
  tasks.seed = study.training.seed;
  tasks.is_taken = [&](const std::string& run) {
    return std::filesystem::exists(space.workspace().runs() / run);
  };
  tasks.tell = [&](const Trial& trial) {
    if (!context.json) print_event(trial, objective);
  };
  tasks.run = [&](const Trial& trial, const SearchTasks::GoOn& go_on) {
    return run_trial(space, dataset, study, trial, go_on, *context.progress);
  };
  TrainOptions given = study.training;
  const bool is_done = search_settings(
      study.study, study.space, setting_in(study.space, Fields(given)), study.options, tasks);
  report(space, study, context, is_done);
  return kDone;
}

}  // namespace

Command verb_tune_train() {
  auto state = std::make_shared<TuneTrainState>();
  Command command("tune train",
                  "Search the settings that train best, in a study that Optuna opens");
  command.options(*state)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .example("canopy tune train walnuts trials=30 steps=400")
      .example("canopy tune train walnuts steps=400 search=lr:1e-4..2e-3,loss-mask,batch:2/4/8")
      .defaults(tuned_defaults)
      .run([state](Context& context) { return run_search(*state, context); });
  return command;
}

}  // namespace canopy
