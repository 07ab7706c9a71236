// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "insight/survey_summary.h"
#include "survey_steps.h"
#include "verbs.h"

namespace canopy {
namespace {

struct InsightState {
  SurveyOptions survey;
  TreeTableOptions table;
  std::string input, labels, output;
};

/// Where the result is committed: the package itself, or the folder's survey.json.
std::filesystem::path commit_of(const std::filesystem::path& output) {
  return output.extension() == ".gpkg" ? output : output / "survey.json";
}

}  // namespace

Command verb_insight() {
  auto state = std::make_shared<InsightState>();
  Command command(
      "insight",
      "From a label map, or from any table of trees, to a survey: measures, rows, missing "
      "trees, health");
  command.options(state->survey)
      .options(state->table)
      .positional("INPUT",
                  state->input,
                  "the orthomosaic; or a table of trees: .csv, .gpkg, .geojson or .shp")
      .positional("LABELS",
                  state->labels,
                  "a map of tree ids, from canopy predict; not with a table",
                  false)
      .output(state->output, "Folder of the survey; of a table also a GeoPackage alone (.gpkg).")
      .example("canopy insight farm.tif labels.tif --dsm dsm.tif -o farm/")
      .example("canopy insight trees.csv boundary=blocks.geojson -o trees.gpkg")
      .run([state](Context& context) {
        const std::filesystem::path output = state->output;
        context.require_writable(commit_of(output));
        const Survey survey =
            state->labels.empty()
                ? survey_table(state->input, state->table, state->survey, output)
                : survey_labels(
                      state->input, state->labels, state->survey, output, *context.progress);
        if (context.json)
          std::printf("%s\n", survey_summary(survey).dump(2).c_str());
        else
          print_survey(survey, output);
        return kDone;
      });
  return command;
}

}  // namespace canopy
