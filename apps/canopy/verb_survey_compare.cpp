// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>

#include "insight/prescription.h"
#include "insight/survey_comparison.h"
#include "verbs.h"

namespace canopy {

Command verb_survey_compare() {
  struct State {
    std::string earlier, later, output;
  };
  auto state = std::make_shared<State>();
  Command command("survey compare",
                  "Two surveys of one orchard, tree by tree: what grew, died, went or was planted");
  command.positional("EARLIER", state->earlier, "folder of a survey, or its trees.gpkg")
      .positional("LATER", state->later, "folder of a survey, or its trees.gpkg")
      .output(state->output, "Folder for comparison.csv, comparison.geojson and comparison.json.")
      .example("canopy survey compare farm-2025/ farm-2026/ -o farm-2026/compared/")
      .run([state](Context& context) {
        const std::filesystem::path folder = state->output;
        context.require_writable(folder / "comparison.json");
        const Survey earlier = open_survey(state->earlier), later = open_survey(state->later);
        const SurveyComparison found = compare_surveys(earlier, later);
        const auto record = write_survey_comparison(found, earlier, later, folder);
        if (context.json) {
          std::printf("%s\n", record.dump(2).c_str());
          return kDone;
        }
        const Point& shift = found.match.shift.shift;
        std::printf("%-10s %zu trees of both surveys, %.2f m apart after a shift of %.2f m\n",
                    "matched",
                    found.match.trees.size(),
                    found.match.residual_m,
                    std::hypot(shift.x, shift.y));
        std::printf("%-10s died %d   gone %d   replanted %d   new %d   recovered %d\n",
                    "trees",
                    found.count(Change::Died),
                    found.count(Change::Gone),
                    found.count(Change::Replanted),
                    found.count(Change::New),
                    found.count(Change::Recovered));
        if (std::isfinite(found.median_growth()))
          std::printf(
              "%-10s the median crown grew by %.1f %%\n", "growth", 100 * found.median_growth());
        std::printf("%-10s comparison.csv comparison.geojson comparison.json   in %s\n",
                    "files",
                    folder.c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
