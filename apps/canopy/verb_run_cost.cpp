// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "records.h"
#include "registry/run_cost.h"
#include "verbs.h"

namespace canopy {
namespace {

struct CostState {
  std::string run, against;
  double usd_per_hour = -1;
  template <class F>
  void describe(F& field) {
    field("against", against, "An earlier run to compare with.");
    field("usd-per-hour",
          usd_per_hour,
          "Price both by this; below 0: by what each recorded (cost.usd_per_hour of canopy.toml).");
  }
};

RunRecord run_of(const Registry& registry, const std::string& name) {
  const auto run = registry.find_run(name);
  if (!run) throw Error(Fault::NotFound, "no run '" + name + "'; see 'canopy run list'");
  return *run;
}

nlohmann::ordered_json to_json(const CostSheet& sheet) {
  return {{"run", sheet.run_id},
          {"usd", sheet.usd},
          {"usd_per_hour", sheet.usd_per_hour},
          {"wall_s", sheet.wall_s},
          {"cpu_s", sheet.cpu_s},
          {"examples_seen", sheet.examples_seen},
          {"dataset_examples", sheet.dataset_examples},
          {"share_seen", sheet.share_seen()},
          {"usd_per_example_seen", sheet.usd_per_example_seen()},
          {"usd_per_dataset_example", sheet.usd_per_dataset_example()}};
}

nlohmann::ordered_json to_json(const CostComparison& factors) {
  return {{"total", factors.total},
          {"per_dataset_example", factors.per_dataset_example},
          {"per_example_seen", factors.per_example_seen},
          {"by_share_seen", factors.by_share_seen},
          {"by_speed", factors.by_speed},
          {"by_price", factors.by_price}};
}

void print(const CostSheet& sheet) {
  std::printf("run        %s: %s, %.1f CPU minutes\n",
              sheet.run_id.c_str(),
              format_duration(sheet.wall_s).c_str(),
              sheet.cpu_s / 60);
  if (sheet.usd > 0)
    std::printf("model      $%.4g = %.4g h at $%.4g an hour\n",
                sheet.usd,
                sheet.wall_s / 3600,
                sheet.usd_per_hour);
  else
    std::printf(
        "model      no price is known; give usd-per-hour=, or cost.usd_per_hour in canopy.toml\n");
  std::printf("seen       %s examples of %s in the dataset: %.3g times\n",
              format_count(sheet.examples_seen).c_str(),
              format_count(sheet.dataset_examples).c_str(),
              sheet.share_seen());
  if (!(sheet.usd > 0)) return;
  std::printf("           $%.4g a million examples seen\n", 1e6 * sheet.usd_per_example_seen());
  std::printf("           $%.4g a million examples of the dataset\n",
              1e6 * sheet.usd_per_dataset_example());
}

void print(const CostComparison& factors, const std::string& against) {
  std::printf("against    %s\n", against.c_str());
  std::printf("           %.3gx cheaper a model, %.3gx an example of the dataset\n",
              factors.total,
              factors.per_dataset_example);
  std::printf("           = %.3gx an example seen * %.3gx by the share seen\n",
              factors.per_example_seen,
              factors.by_share_seen);
  std::printf("           an example seen: %.3gx by speed * %.3gx by the price of an hour\n",
              factors.by_speed,
              factors.by_price);
}

}  // namespace

Command verb_run_cost() {
  auto state = std::make_shared<CostState>();
  Command command("run cost",
                  "What a run cost: by model, by example seen, by example of the dataset");
  command.options(*state)
      .positional("RUN", state->run, "its name")
      .example("canopy run cost walnuts-2 against=walnuts-1 usd-per-hour=3.06")
      .run([state](Context& context) {
        const OpenWorkspace space(context.workspace());
        const Registry& registry = space.registry();
        const CostSheet now =
            cost_sheet(registry, run_of(registry, state->run), state->usd_per_hour);
        nlohmann::ordered_json document = {{"run", to_json(now)}};
        if (!context.json) print(now);
        if (!state->against.empty()) {
          const CostSheet before =
              cost_sheet(registry, run_of(registry, state->against), state->usd_per_hour);
          const CostComparison factors = compare(before, now);
          document["against"] = to_json(before);
          document["cheaper"] = to_json(factors);
          if (!context.json) print(factors, before.run_id);
        }
        if (context.json) std::printf("%s\n", document.dump(2).c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
