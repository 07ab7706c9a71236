// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "mosaic_options.h"
#include "nn/model_average.h"
#include "verbs.h"

namespace canopy {
namespace {

struct AverageState {
  std::vector<std::string> models;
  std::vector<double> shares;
  std::string name, output;
  template <class F>
  void describe(F& field) {
    field("shares", shares, "How much of each model goes in, such as 2,1; equal when left out.");
    field("name", name, "What to call it; the first model's name when left out.");
  }
};

int average(const AverageState& state, Context& context) {
  context.require_writable(state.output);
  std::vector<Model> models;
  for (const std::string& model : state.models)
    models.push_back(load_model(find_model(model, context)));
  Model mean = average_of(models, state.shares);
  if (!state.name.empty()) mean.info.name = state.name;
  const std::string id = save_model(state.output, mean);
  if (context.json)
    std::printf(
        "%s\n",
        nlohmann::ordered_json{
            {"model", state.output}, {"model_id", id}, {"averaged_from", mean.info.averaged_from}}
            .dump(2)
            .c_str());
  else
    std::printf("model      %s\nid         %s\nthe mean of %zu models\n",
                state.output.c_str(),
                id.c_str(),
                models.size());
  return kDone;
}

}  // namespace

Command verb_model_average() {
  auto state = std::make_shared<AverageState>();
  Command command("model average",
                  "The mean of models that began with the same weights (a model soup)");
  command.options(*state)
      .positionals("MODEL",
                   state->models,
                   "two or more: .safetensors files, or names of models of the workspace")
      .output(state->output, "The mean, a .safetensors file.")
      .example("canopy model average seed1 seed2 seed3 name=walnut -o walnut.safetensors")
      .run([state](Context& context) { return average(*state, context); });
  return command;
}

}  // namespace canopy
