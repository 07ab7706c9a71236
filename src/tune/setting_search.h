// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tune/parzen_search.h"
#include "tune/pruning.h"
#include "tune/study.h"

// Trial after trial until a study has as many as it is to have. The first tries what was given, so
// that the best is held against it; the others what the Parzen search proposes. A trial whose
// process died goes on before a new one begins. Nothing here knows what a trial does.

namespace canopy {

struct SearchOptions {
  int trials = 20, first = 8;
  std::string objective = "f1";
  std::vector<std::string> search = {};
  PruningOptions pruning = {};

  template <class F>
  void describe(F& field) {
    field("trials", trials, "Trials that the study is to have, those of earlier starts included.");
    field("first-trials",
          first,
          "Trials that lie evenly over the space, before what came of them guides the search.");
    field(
        "objective", objective, "What is to be large on the val split: f1, box_ap50 or mask_ap50.");
    field("search",
          search,
          "Options to search: NAME (its usual range), NAME:LOW..HIGH or NAME:A/B; empty: lr, "
          "weight-decay, tree-centred, loss-classifier, loss-box and loss-mask.");
    field("pruning",
          pruning.rule,
          "Which trials end early: median (worse than half of the others), halving (successive "
          "halving) or none.");
    field("prune-after", pruning.least, "Other trials that median waits for.");
    field("reduction", pruning.reduction, "Of how many trials halving keeps one.");
  }
  /// Throws User, naming the field.
  void validate() const;
};

/// What became of a trial.
struct TrialOutcome {
  enum class Kind { Done, Stopped, Interrupted };
  Kind kind = Kind::Done;
  double value = 0;                                                      ///< where it is done
  nlohmann::ordered_json attributes = nlohmann::ordered_json::object();  ///< for the study
};

/// What the search asks of its caller.
struct SearchTasks {
  /// Runs a trial, or goes on with it; after each evaluation it asks `go_on(step, value)`, and
  /// stops where that says no. A User error fails the trial, any other leaves it to the next start.
  using GoOn = std::function<bool(std::int64_t step, double value)>;
  std::function<TrialOutcome(const Trial&, const GoOn&)> run;
  /// Whether there is a training run of this name.
  std::function<bool(const std::string& run)> is_taken;
  /// Hears of each trial as it begins, or is taken up, and as it ends.
  std::function<void(const Trial&)> tell;
  std::int64_t report_every = 1;  ///< steps between evaluations
  std::int64_t seed = 1;
};

/// Whether the study has its trials now; false: a trial was interrupted. Throws Conflict when a run
/// that is none of the study's has the name of its next one; what the trials threw when the first
/// three fail.
bool search_settings(Study& study,
                     const SearchSpace& space,
                     const Setting& given,
                     const SearchOptions& options,
                     const SearchTasks& tasks);

/// Of those that ended; nothing when there is none.
std::optional<Trial> best_of(const std::vector<Trial>& trials);

}  // namespace canopy
