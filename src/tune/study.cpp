// SPDX-License-Identifier: Apache-2.0
#include "tune/study.h"

#include <array>
#include <cmath>

#include "base/error.h"
#include "registry/sqlite_session.h"
#include "tune/study_schema.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;
using Row = SqlSession::Row;

/// Whole seconds would do; SQLAlchemy writes microseconds.
constexpr char kNow[] = "strftime('%Y-%m-%d %H:%M:%f000', 'now')";

constexpr std::array kStates = {TrialState::Running,
                                TrialState::Waiting,
                                TrialState::Complete,
                                TrialState::Pruned,
                                TrialState::Fail};

TrialState state_of(const std::string& name) {
  for (const TrialState state : kStates)
    if (name == name_of(state)) return state;
  throw Error(Fault::User, "'" + name + "' is no state of a trial");
}

std::string with_folder(const std::filesystem::path& path) {
  std::error_code code;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), code);
  if (code) throw Error(Fault::Environment, path.parent_path().string() + ": " + code.message());
  return path.string();
}

std::int64_t study_id(SqlSession& session, const std::string& name) {
  std::int64_t id = 0;
  session.run("SELECT study_id FROM studies WHERE study_name = $1", {name}, [&](const Row& row) {
    id = row.whole(0);
  });
  return id;
}

std::int64_t begin_study(SqlSession& session,
                         const std::string& name,
                         const std::string& objective,
                         const Json& about) {
  session.run("INSERT INTO studies (study_name) VALUES ($1)", {name});
  const std::int64_t id = study_id(session, name);
  session.run(
      "INSERT INTO study_directions (direction, study_id, objective) VALUES ('MAXIMIZE', $1, 0)",
      {id});
  session.run("INSERT INTO study_system_attributes (study_id, key, value_json) VALUES ($1, $2, $3)",
              {id, "study:metric_names", Json::array({objective}).dump()});
  for (const auto& [key, value] : about.items())
    session.run("INSERT INTO study_user_attributes (study_id, key, value_json) VALUES ($1, $2, $3)",
                {id, key, value.dump()});
  return id;
}

}  // namespace

const char* name_of(TrialState state) {
  switch (state) {
    case TrialState::Running:
      return "RUNNING";
    case TrialState::Waiting:
      return "WAITING";
    case TrialState::Complete:
      return "COMPLETE";
    case TrialState::Pruned:
      return "PRUNED";
    case TrialState::Fail:
      return "FAIL";
  }
  return "";
}

Study::Study(const std::filesystem::path& path,
             const std::string& name,
             const std::string& objective,
             const Json& about)
    : path_(path), name_(name), session_(std::make_unique<SqliteSession>(with_folder(path))) {
  prepare_study_tables(*session_, path.string());
  session_->transaction([&] {
    id_ = study_id(*session_, name);
    if (id_ == 0) id_ = begin_study(*session_, name, objective, about);
  });
  std::string directions;
  session_->run("SELECT direction FROM study_directions WHERE study_id = $1",
                {id_},
                [&](const Row& row) { directions += row.text(0); });
  require(directions == "MAXIMIZE", [&] {
    return "the study '" + name + "' in " + path.string() +
           " is not about one value to be maximised; give study=ANOTHER";
  });
  session_->run("SELECT key, value_json FROM study_user_attributes WHERE study_id = $1 ORDER BY 1",
                {id_},
                [&](const Row& row) { about_[row.text(0)] = Json::parse(row.text(1)); });
}

Study::Study(Study&& other) noexcept = default;
Study::~Study() = default;

std::filesystem::path Study::lock_of(std::int64_t number) const {
  return path_.parent_path() / (run_of(number) + ".lock");
}

std::int64_t Study::trial_id(std::int64_t number) const {
  std::int64_t id = 0;
  session_->run("SELECT trial_id FROM trials WHERE study_id = $1 AND number = $2",
                {id_, number},
                [&](const Row& row) { id = row.whole(0); });
  check(id > 0, "the trial is in the study");
  return id;
}

std::vector<Trial> Study::trials() const {
  std::map<std::int64_t, Trial> by_id;
  session_->run(
      "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials "
      "WHERE study_id = $1",
      {id_},
      [&](const Row& row) {
        Trial& trial = by_id[row.whole(0)];
        trial.number = row.whole(1);
        trial.state = state_of(row.text(2));
        trial.started_at = row.text(3);
        trial.ended_at = row.text(4);
      });
  const auto each = [&](const std::string& columns, const std::string& table, const auto& take) {
    session_->run("SELECT trial_id, " + columns + " FROM " + table +
                      " JOIN trials USING (trial_id) WHERE study_id = $1",
                  {id_},
                  [&](const Row& row) {
                    const auto found = by_id.find(row.whole(0));
                    if (found != by_id.end()) take(found->second, row);
                  });
  };
  each("param_name, param_value, distribution_json", "trial_params", [](Trial& t, const Row& row) {
    t.setting[row.text(1)] = text_of(row.number(2), Json::parse(row.text(3)));
  });
  each("step, intermediate_value, intermediate_value_type",
       "trial_intermediate_values",
       [](Trial& t, const Row& row) {
         t.reports[row.whole(1)] = row.text(3) == "FINITE" ? row.number(2) : NAN;
       });
  each("value, value_type", "trial_values", [](Trial& t, const Row& row) {
    if (row.text(2) == "FINITE") t.value = row.number(1);
  });
  each("key, value_json", "trial_user_attributes", [](Trial& t, const Row& row) {
    if (row.text(1) == "run") t.run = Json::parse(row.text(2)).get<std::string>();
    if (row.text(1) == "error") t.error = Json::parse(row.text(2)).get<std::string>();
  });
  std::vector<Trial> trials;
  for (auto& [id, trial] : by_id) trials.push_back(std::move(trial));
  return trials;
}

std::optional<Study::Held> Study::begin(const SearchSpace& space, const Propose& propose) {
  std::optional<Held> held;
  session_->transaction([&] {
    const std::vector<Trial> before = trials();
    const auto number = std::ssize(before);
    const std::optional<Setting> setting = propose(before, number);
    if (!setting) return;
    auto lock = FileLock::take(lock_of(number));
    check(lock.has_value(), "nobody runs a trial that is not yet there");
    enter(number, *setting, space);
    held = {{.number = number, .setting = *setting, .run = run_of(number)}, *std::move(lock)};
  });
  return held;
}

void Study::enter(std::int64_t number, const Setting& setting, const SearchSpace& space) {
  session_->run(std::string("INSERT INTO trials (number, study_id, state, datetime_start) "
                            "VALUES ($1, $2, 'RUNNING', ") +
                    kNow + ")",
                {number, id_});
  const std::int64_t id = trial_id(number);
  for (const Parameter& parameter : space)
    session_->run(
        "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
        "VALUES ($1, $2, $3, $4)",
        {id,
         parameter.name,
         parameter.number_of(setting.at(parameter.name)),
         parameter.distribution().dump()});
  set_attribute(id, "run", Json(run_of(number)).dump());
}

std::optional<Study::Held> Study::adopt() {
  for (const Trial& candidate : trials()) {
    if (candidate.state != TrialState::Running || candidate.run != run_of(candidate.number))
      continue;
    auto lock = FileLock::take(lock_of(candidate.number));
    if (!lock) continue;
    for (Trial& trial : trials())  // it may have ended since
      if (trial.number == candidate.number && trial.state == TrialState::Running)
        return Held{std::move(trial), *std::move(lock)};
  }
  return std::nullopt;
}

void Study::report(std::int64_t number, std::int64_t step, double value) {
  session_->run(
      "INSERT INTO trial_intermediate_values "
      "(trial_id, step, intermediate_value, intermediate_value_type) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (trial_id, step) DO UPDATE SET intermediate_value = "
      "excluded.intermediate_value, intermediate_value_type = excluded.intermediate_value_type",
      {trial_id(number), step, value, std::isnan(value) ? "NAN" : "FINITE"});
}

void Study::end(const Held& held,
                TrialState state,
                std::optional<double> value,
                const Json& attributes) {
  const std::int64_t number = held.trial.number;
  session_->transaction([&] {
    const std::int64_t id = trial_id(number);
    for (const auto& [key, attribute] : attributes.items())
      set_attribute(id, key, attribute.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (value && std::isfinite(*value))
      session_->run(
          "INSERT OR REPLACE INTO trial_values (trial_id, objective, value, value_type) "
          "VALUES ($1, 0, $2, 'FINITE')",
          {id, *value});
    session_->run(std::string("UPDATE trials SET state = $2, datetime_complete = ") + kNow +
                      " WHERE trial_id = $1",
                  {id, name_of(state)});
  });
  std::error_code code;
  std::filesystem::remove(lock_of(number), code);  // whoever still looks at it finds it has ended
}

void Study::set_attribute(std::int64_t trial_id, const std::string& key, const std::string& json) {
  session_->run(
      "INSERT OR REPLACE INTO trial_user_attributes (trial_id, key, value_json) "
      "VALUES ($1, $2, $3)",
      {trial_id, key, json});
}

}  // namespace canopy
