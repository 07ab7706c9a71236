// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/file_lock.h"
#include "tune/search_space.h"
#include "tune/trial.h"

// A search and its trials, in an SQLite file of the form that Optuna keeps them in (its relational
// schema of version v3.2.0.a, that of Optuna 3.2 to 5): optuna.load_study and optuna-dashboard open
// it, also while trials run. Times in it are UTC, as Optuna 5 has them.
//
//   1. A trial is entered with its setting in one transaction: it is there whole, or not at all.
//   2. Whoever runs a trial holds a lock beside the file, <study>-<number>.lock, from before it is
//      entered until after it has ended. Processes share a study that way.
//   3. A trial that is RUNNING and whose lock is free has lost its process; `adopt` takes it.
//   4. What it reports may be reported again after it was adopted; the newer counts.

namespace canopy {

class SqlSession;

class Study {
 public:
  /// Opens the study, or begins it with what is to be remembered of it (`about`, an object; Optuna
  /// shows its members as attributes). Throws User when the file is of another kind or of an
  /// Optuna beyond these, or when the study has other objectives than one to be maximised.
  Study(const std::filesystem::path& path,
        const std::string& name,
        const std::string& objective,
        const nlohmann::ordered_json& about);
  Study(Study&& other) noexcept;
  ~Study();

  const std::string& name() const { return name_; }
  /// What it was begun with; null for a study that Optuna began.
  const nlohmann::ordered_json& about() const { return about_; }
  /// The training run of a trial: <study>-<number>.
  std::string run_of(std::int64_t number) const { return name_ + "-" + std::to_string(number); }

  std::vector<Trial> trials() const;

  /// A trial that this process runs.
  struct Held {
    Trial trial;
    FileLock lock;
  };
  /// Enters a trial of the setting that `propose` makes from those that are there; nothing when
  /// that makes nothing. Other processes wait meanwhile.
  using Propose =
      std::function<std::optional<Setting>(const std::vector<Trial>&, std::int64_t number)>;
  std::optional<Held> begin(const SearchSpace& space, const Propose& propose);
  /// A trial that was begun here and whose process is gone, if there is one.
  std::optional<Held> adopt();

  void report(std::int64_t number, std::int64_t step, double value);
  /// Ends a trial as `state`, with `attributes` (an object) for whoever looks at it in Optuna.
  void end(const Held& held,
           TrialState state,
           std::optional<double> value,
           const nlohmann::ordered_json& attributes);

 private:
  std::filesystem::path lock_of(std::int64_t number) const;
  std::int64_t trial_id(std::int64_t number) const;
  void enter(std::int64_t number, const Setting& setting, const SearchSpace& space);
  void set_attribute(std::int64_t trial_id, const std::string& key, const std::string& json);

  const std::filesystem::path path_;
  const std::string name_;
  std::unique_ptr<SqlSession> session_;
  std::int64_t id_ = 0;
  nlohmann::ordered_json about_;
};

}  // namespace canopy
