// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "insight/survey_summary.h"
#include "survey_steps.h"
#include "verbs.h"

namespace canopy {

Command verb_insight() {
  struct State {
    SurveyOptions survey;
    std::string ortho, labels, output;
  };
  auto state = std::make_shared<State>();
  Command command("insight", "From a label map to a survey: measures, rows, missing trees, health");
  command.options(state->survey)
      .positional("ORTHO", state->ortho, "the orthomosaic")
      .positional("LABELS", state->labels, "a map of tree ids, from canopy predict")
      .output(state->output, "Folder of the survey.")
      .example("canopy insight farm.tif labels.tif --dsm dsm.tif -o farm/")
      .run([state](Context& context) {
        const std::filesystem::path folder = state->output;
        context.require_writable(folder / "survey.json");
        const Survey survey =
            survey_labels(state->ortho, state->labels, state->survey, folder, *context.progress);
        if (context.json)
          std::printf("%s\n", survey_summary(survey).dump(2).c_str());
        else
          print_survey(survey, folder);
        return kDone;
      });
  return command;
}

}  // namespace canopy
