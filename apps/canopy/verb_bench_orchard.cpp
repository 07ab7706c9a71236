// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "orchard_score.h"
#include "verbs.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Json to_json(const Counts& counts) {
  return {{"right", counts.right}, {"wrong", counts.wrong}, {"missed", counts.missed}};
}

Json to_json(const SurveyScore& score) {
  return {{"trees", to_json(score.trees)},
          {"area_errors", score.area_errors},
          {"row_ari", score.row_ari},
          {"missing", to_json(score.missing)},
          {"missing_overlooked", score.overlooked},
          {"missing_errors_m", score.missing_errors_m},
          {"dead", to_json(score.dead)},
          {"poor", to_json(score.poor)}};
}

void print(const SurveyScore& score) {
  const auto line = [](const char* name, const Counts& counts) {
    std::printf("%-10s precision %.4f   recall %.4f   right %lld, wrong %lld, missed %lld\n",
                name,
                counts.precision(),
                counts.recall(),
                static_cast<long long>(counts.right),
                static_cast<long long>(counts.wrong),
                static_cast<long long>(counts.missed));
  };
  line("trees", score.trees);
  std::printf("%-10s median error %.1f %%\n", "areas", 100 * median(score.area_errors));
  std::printf("%-10s adjusted Rand index %.4f\n", "rows", score.row_ari);
  line("missing", score.missing);
  std::printf("%-10s median error %.2f m   %d more stand where a tree was overlooked\n",
              "",
              median(score.missing_errors_m),
              score.overlooked);
  line("dead", score.dead);
  line("poor", score.poor);
}

}  // namespace

Command verb_bench_orchard() {
  struct State {
    std::string survey, orchard;
  };
  auto state = std::make_shared<State>();
  Command command("bench orchard",
                  "How well a survey agrees with a synthetic orchard: trees, areas, rows, missing, "
                  "dead");
  command.positional("SURVEY", state->survey, "folder of a survey")
      .positional("ORCHARD", state->orchard, "folder that canopy synth wrote")
      .example("canopy bench orchard survey/ orchard/")
      .run([state](Context& context) {
        const SurveyScore score = score_folder(state->survey, state->orchard);
        if (context.json)
          std::printf("%s\n", to_json(score).dump().c_str());
        else
          print(score);
        return kDone;
      });
  return command;
}

}  // namespace canopy
