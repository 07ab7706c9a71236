// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "insight/survey_summary.h"
#include "survey_steps.h"
#include "verbs.h"

namespace canopy {
namespace {

struct SurveyState {
  SurveyOptions survey;
  PredictOptions predict;
  std::string ortho, model, output;
  template <class F>
  void describe(F& field) {
    field("model",
          model,
          "A .safetensors file, or the name of a model of the workspace. Left out: its newest, or "
          "the bundled one.");
  }
};

}  // namespace

Command verb_survey() {
  auto state = std::make_shared<SurveyState>();
  Command command(
      "survey", "Find every tree of an orthomosaic: crowns, rows, missing and dead trees, health");
  command.options(*state)
      .options(state->survey)
      .options(state->predict)
      .positional("ORTHO", state->ortho, "the orthomosaic")
      .output(state->output, "Folder for trees.gpkg, labels.tif, survey.json, ...")
      .example("canopy survey farm.tif model=walnut -o farm/")
      .run([state](Context& context) {
        const std::filesystem::path folder = state->output;
        context.require_writable(folder / "survey.json");
        const Raster ortho = Raster::open(state->ortho, state->survey.mosaic.raster_options());
        const auto model = find_model(state->model, context);
        const ModelInfo info = load_model_info(model);
        if (!context.json) print_mosaic(ortho);
        std::fflush(stdout);
        Prediction prediction;
        const Survey survey = survey_mosaic(state->ortho,
                                            model,
                                            state->survey,
                                            state->predict,
                                            folder,
                                            *context.progress,
                                            &prediction);
        if (context.json) {
          nlohmann::ordered_json document = survey_summary(survey);
          document["prediction"] = to_json(prediction);
          std::printf("%s\n", document.dump(2).c_str());
          return kDone;
        }
        print_prediction(info, prediction);
        print_survey(survey, folder);
        std::printf("%-10s canopy serve %s\n", "map", folder.c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
