// SPDX-License-Identifier: Apache-2.0
#include "training_study.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

/// Of the machine and not of the experiment.
constexpr std::array kOfMachine = {"threads",
                                   "loader-threads",
                                   "fetch-threads",
                                   "prefetch",
                                   "device",
                                   "usd-per-hour",
                                   "checkpoint-every",
                                   "verify"};

std::string typed(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

[[noreturn]] void refuse(const std::string& study, const std::string& why) {
  throw Error(Fault::Conflict, "the study '" + study + "' " + why + ", or give study=ANOTHER");
}

/// Both ends of every range must be something that can be trained with.
void require_trainable(const SearchSpace& space, const TrainOptions& training) {
  for (const Parameter& parameter : space)
    for (const double end : {0.0, 1.0}) {
      TrainOptions options = training;
      Fields fields(options);
      const std::string text = parameter.text_at(end);
      try {
        apply({{parameter.name, text}}, fields);
        options.validate();
      } catch (const Error& error) {
        throw add_context("search: " + parameter.name + "=" + text, error);
      }
    }
}

/// What the study was begun with, where nothing else was given.
void take_over(const std::string& study, const Json& begun, const Json& usual, Fields& given) {
  const Json now = given.to_json();
  for (const auto& [name, value] : begun.items()) {
    const bool is_of_machine = std::ranges::count(kOfMachine, name) > 0;
    if (is_of_machine || !now.contains(name) || now[name] == value) continue;
    if (now[name] != usual.at(name))
      refuse(study,
             "was begun with " + name + "=" + typed(value) + ", not " + typed(now[name]) +
                 "; leave it out");
    std::string text = typed(value);
    if (value.is_array()) {
      text.clear();
      for (const Json& item : value) text += (text.empty() ? "" : ",") + typed(item);
    }
    given.set(name, text);
  }
}

Json about(const Snapshot& dataset, TrainOptions training, const SearchOptions& options) {
  return {{"dataset", dataset.name},
          {"dataset_id", dataset.id},
          {"objective", options.objective},
          {"search", options.search},
          {"options", Fields(training).to_json()}};
}

}  // namespace

std::filesystem::path study_file(const Workspace& workspace) {
  return workspace.studies() / "optuna.sqlite";
}

TrainingStudy open_training_study(const Workspace& workspace,
                                  const std::string& name,
                                  const Snapshot& dataset,
                                  const TrainOptions& given,
                                  const TrainOptions& usual,
                                  const SearchOptions& search) {
  TrainOptions training = given, other = usual;
  SearchOptions options = search;
  Fields fields(training);
  if (options.search.empty()) options.search = kUsualSearch;
  require_trainable(search_space(options.search, fields), training);  // before there is a study
  Study study(
      study_file(workspace), name, "val " + options.objective, about(dataset, training, options));
  const Json& begun = study.about();
  if (!begun.contains("dataset_id") || !begun.contains("options"))
    refuse(name, "was begun by another program; look at it there");
  if (begun.at("dataset_id") != dataset.id)
    refuse(name,
           "is about the dataset " + begun.at("dataset").get<std::string>() + "-" +
               begun.at("dataset_id").get<std::string>().substr(0, 12) + "; name that one");
  const std::string objective = begun.at("objective");
  if (options.objective != objective && options.objective != SearchOptions().objective)
    refuse(name, "is about " + objective + "; leave objective out");
  options.objective = objective;
  if (search.search.empty()) begun.at("search").get_to(options.search);
  take_over(name, begun.at("options"), Fields(other).to_json(), fields);
  SearchSpace space = search_space(options.search, fields);
  require_trainable(space, training);
  return {std::move(study), training, options, std::move(space)};
}

}  // namespace canopy
