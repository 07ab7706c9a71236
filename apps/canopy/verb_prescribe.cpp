// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/progress.h"
#include "insight/irrigation_faults.h"
#include "insight/prescription.h"
#include "insight/rate_zones.h"
#include "insight/replant_order.h"
#include "insight/scout_walk.h"
#include "verbs.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

/// What every prescription is told; `Options` is what one kind asks besides.
template <class Options>
struct State {
  Options options;
  std::string survey, output;
};

/// `prescribe KIND SURVEY -o DIR`. `work` takes the survey, the options and the folder, prints for
/// people unless `json`, and returns the record.
template <class Options, class Work>
Command prescription(const std::string& kind, const std::string& summary, Work work) {
  auto state = std::make_shared<State<Options>>();
  Command command("prescribe " + kind, summary);
  command.options(state->options)
      .positional("SURVEY", state->survey, "folder of a survey, or its trees.gpkg")
      .output(state->output, "Folder for the files; " + kind + ".json lists them.")
      .run([state, kind, work](Context& context) {
        const std::filesystem::path folder = state->output;
        context.require_writable(folder / (kind + ".json"));
        const Survey survey = open_survey(state->survey);
        const Json record = work(survey, state->options, folder, !context.json);
        if (context.json) {
          std::printf("%s\n", record.dump(2).c_str());
          return kDone;
        }
        std::printf("%-10s", "files");
        for (const Json& file : record["files"])
          std::printf(" %s", file["name"].template get<std::string>().c_str());
        std::printf(" %s.json   in %s\n", kind.c_str(), folder.c_str());
        return kDone;
      });
  return command;
}

std::string count(std::size_t n) { return format_count(static_cast<std::int64_t>(n)); }

}  // namespace

Command verb_prescribe_replant() {
  return prescription<ReplantOptions>(
             "replant",
             "Which trees to order and where each goes: a list and waypoints for the phone",
             [](const Survey& survey,
                const ReplantOptions& options,
                const std::filesystem::path& folder,
                bool print) {
               const ReplantOrder order = replant_order(survey, options);
               const Json record = write_replant_order(order, survey, options, folder);
               if (!print) return record;
               std::printf("%-10s %s trees   missing %d   dead %d\n",
                           "order",
                           count(order.places.size()).c_str(),
                           order.missing(),
                           order.dead());
               for (const auto& b : order.blocks)
                 std::printf("%-10s %d trees   missing %d   dead %d\n",
                             ("block " + std::to_string(b.block)).c_str(),
                             b.trees(),
                             b.missing,
                             b.dead);
               return record;
             })
      .example("canopy prescribe replant farm/ dead=true -o farm/prescriptions/");
}

Command verb_prescribe_scout() {
  return prescription<ScoutOptions>(
             "scout",
             "The shortest walk past the trees that somebody should look at",
             [](const Survey& survey,
                const ScoutOptions& options,
                const std::filesystem::path& folder,
                bool print) {
               const ScoutWalk walk = scout_walk(survey, options);
               const Json record = write_scout_walk(walk, survey, options, folder);
               if (print)
                 std::printf("%-10s %s stops   %.0f m (%.0f m in planting order)\n",
                             "walk",
                             count(walk.stops.size()).c_str(),
                             walk.length_m,
                             walk.given_m);
               return record;
             })
      .example(
          "canopy prescribe scout farm/ health-below=0.4 start=-33.96,18.83 round=true -o walk/");
}

Command verb_prescribe_fertiliser() {
  return prescription<FertiliserOptions>(
             "fertiliser",
             "How much to spread where: zones of a variable-rate map for the tractor's terminal",
             [](const Survey& survey,
                const FertiliserOptions& options,
                const std::filesystem::path& folder,
                bool print) {
               const RateMap map = rate_map(survey, options);
               const Json record = write_rate_map(map, survey, options, folder);
               if (!print) return record;
               for (const RateZone& zone : map.zones)
                 std::printf("%-10s %7.2f ha   %6.1f kg/ha   %8.1f kg   %s %.3g to %.3g\n",
                             ("zone " + std::to_string(zone.zone)).c_str(),
                             zone.area_ha,
                             zone.rate_kg_ha,
                             zone.product_kg,
                             options.by.c_str(),
                             zone.from,
                             zone.to);
               std::printf("%-10s %7.2f ha   %6.1f kg/ha   %8.1f kg of %s\n",
                           "together",
                           map.area_ha(),
                           map.product_kg() / map.area_ha(),
                           map.product_kg(),
                           options.product.c_str());
               return record;
             })
      .example(
          "canopy prescribe fertiliser farm/ rates=120,90,60 cell-m=18 -o farm/prescriptions/");
}

Command verb_prescribe_irrigation() {
  return prescription<IrrigationOptions>(
             "irrigation",
             "Stretches of rows that do worse than the rows beside them: where a line may be "
             "blocked or leak",
             [](const Survey& survey,
                const IrrigationOptions& options,
                const std::filesystem::path& folder,
                bool print) {
               const auto faults = irrigation_faults(survey, options);
               const Json record = write_irrigation_faults(faults, survey, options, folder);
               if (!print) return record;
               if (faults.empty())
                 std::printf("%-10s no row drops against the rows beside it\n", "rows");
               for (const IrrigationFault& fault : faults)
                 std::printf(
                     "%-3d %-10s %s\n",
                     fault.group,
                     ("B" + std::to_string(fault.block) + " R" + std::to_string(fault.row_index))
                         .c_str(),
                     fault.reason.c_str());
               return record;
             })
      .example("canopy prescribe irrigation farm/ -o farm/prescriptions/");
}

}  // namespace canopy
