// SPDX-License-Identifier: Apache-2.0
#include "tune/setting_search.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/interrupt.h"

namespace canopy {
namespace {

constexpr int kHopeless = 3;  ///< failures before anything else, and the search gives up

bool fits(const SearchSpace& space, const Setting& setting) {
  return std::ranges::all_of(space, [&](const Parameter& parameter) {
    const auto found = setting.find(parameter.name);
    return found != setting.end() && parameter.place_of(found->second).has_value();
  });
}

std::optional<Study::Held> next_trial(Study& study,
                                      const SearchSpace& space,
                                      const Setting& given,
                                      const SearchOptions& options,
                                      const SearchTasks& tasks) {
  if (auto held = study.adopt()) return held;
  return study.begin(
      space, [&](const std::vector<Trial>& trials, std::int64_t number) -> std::optional<Setting> {
        if (number >= options.trials) return std::nullopt;
        const std::string run = study.run_of(number);
        if (tasks.is_taken(run))
          throw Error(Fault::Conflict,
                      "there is a run '" + run +
                          "' already, and it is no trial of this study; give study=ANOTHER");
        if (number == 0 && fits(space, given)) return given;
        return propose(space, trials, number, {.seed = tasks.seed, .first = options.first});
      });
}

/// Ends the trial as what became of it says.
void end_trial(Study& study, const Study::Held& held, const TrialOutcome& outcome) {
  const std::vector<Trial> trials = study.trials();
  const auto& reports = trials.at(static_cast<std::size_t>(held.trial.number)).reports;
  if (outcome.kind == TrialOutcome::Kind::Stopped) {
    const std::optional<double> last =
        reports.empty() ? std::nullopt : std::optional(reports.rbegin()->second);
    return study.end(held, TrialState::Pruned, last, outcome.attributes);
  }
  if (std::isfinite(outcome.value))
    return study.end(held, TrialState::Complete, outcome.value, outcome.attributes);
  nlohmann::ordered_json attributes = outcome.attributes;
  attributes["error"] = "the objective is not a number";
  study.end(held, TrialState::Fail, std::nullopt, attributes);
}

/// Gives up where nothing but failures is to be expected.
void fail_trial(Study& study, const Study::Held& held, const Error& error) {
  study.end(held, TrialState::Fail, std::nullopt, {{"error", error.what()}});
  const std::vector<Trial> trials = study.trials();
  const auto failed = std::ranges::count(trials, TrialState::Fail, &Trial::state);
  const bool has_hope = std::ranges::any_of(trials, [](const Trial& trial) {
    return trial.state == TrialState::Complete || trial.state == TrialState::Pruned;
  });
  if (failed >= kHopeless && !has_hope)
    throw add_context("the first " + std::to_string(failed) + " trials failed", error);
}

}  // namespace

void SearchOptions::validate() const {
  require(trials >= 1, "trials must be at least 1");
  require(first >= 1, "first-trials must be at least 1");
  require(objective == "f1" || objective == "box_ap50" || objective == "mask_ap50", [&] {
    return "objective '" + objective + "' is not known; use f1, box_ap50 or mask_ap50";
  });
  pruning.validate();
}

bool search_settings(Study& study,
                     const SearchSpace& space,
                     const Setting& given,
                     const SearchOptions& options,
                     const SearchTasks& tasks) {
  options.validate();
  while (interrupted() == 0) {
    const auto held = next_trial(study, space, given, options, tasks);
    if (!held) return true;
    const std::int64_t number = held->trial.number;
    tasks.tell(held->trial);
    const auto go_on = [&](std::int64_t step, double value) {
      study.report(number, step, value);
      return !should_stop(study.trials(), number, step, tasks.report_every, options.pruning);
    };
    try {
      const TrialOutcome outcome = tasks.run(held->trial, go_on);
      if (outcome.kind == TrialOutcome::Kind::Interrupted) return false;
      end_trial(study, *held, outcome);
    } catch (const Error& error) {
      if (error.fault() != Fault::User) throw;
      fail_trial(study, *held, error);
    }
    tasks.tell(study.trials().at(static_cast<std::size_t>(number)));
  }
  return false;
}

std::optional<Trial> best_of(const std::vector<Trial>& trials) {
  std::optional<Trial> best;
  for (const Trial& trial : trials)
    if (trial.state == TrialState::Complete && trial.value &&
        (!best || *trial.value > *best->value))
      best = trial;
  return best;
}

}  // namespace canopy
