// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "records.h"
#include "verbs.h"

namespace canopy {
namespace {

nlohmann::ordered_json to_json(const RunRecord& run) {
  return {{"run", run.id},
          {"status", name_of(run.status)},
          {"started_at", run.started_at},
          {"finished_at", run.finished_at},
          {"dataset_id", run.dataset_id},
          {"wall_s", run.cost.wall_s},
          {"cpu_s", run.cost.cpu_s},
          {"examples_seen", run.cost.examples_seen},
          {"usd", run.cost.usd}};
}

}  // namespace

Command verb_run_list() {
  Command command("run list", "The training runs of the workspace");
  command.run([](Context& context) {
    const OpenWorkspace space(context.workspace());
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const RunRecord& run : space.registry().runs()) {
      list.push_back(to_json(run));
      if (!context.json)
        std::printf("%-24s %-12s %s   dataset %s   %s\n",
                    run.id.c_str(),
                    name_of(run.status),
                    run.started_at.c_str(),
                    run.dataset_id.substr(0, 12).c_str(),
                    format_duration(run.cost.wall_s).c_str());
    }
    if (context.json) std::printf("%s\n", list.dump(2).c_str());
    return kDone;
  });
  return command;
}

Command verb_run_import() {
  auto name = std::make_shared<std::string>();
  Command command("run import", "Enter a run of canopy-train in the registry, and keep its model");
  command.positional("RUN", *name, "its name; its folder must lie under runs/")
      .example("canopy run import walnuts-gpu")
      .run([name](Context& context) {
        OpenWorkspace space(context.workspace());
        std::filesystem::path model;
        const RunReport report = space.import_run(*name, &model);
        if (context.json) {
          std::printf("%s\n",
                      nlohmann::ordered_json{{"run", report.id},
                                             {"dataset_id", report.dataset_id},
                                             {"starts", report.starts.size()},
                                             {"model", model.string()}}
                          .dump(2)
                          .c_str());
          return kDone;
        }
        std::printf("run        %s: %zu start%s, %s\n",
                    report.id.c_str(),
                    report.starts.size(),
                    report.starts.size() == 1 ? "" : "s",
                    report.starts.empty() ? "nothing done" : report.starts.back().status.c_str());
        if (!model.empty()) std::printf("model      %s\n", space.relative(model).c_str());
        return kDone;
      });
  return command;
}

Command verb_run_show() {
  auto name = std::make_shared<std::string>();
  Command command("run show", "A run: its options, cost, and what it came from and led to");
  command.positional("RUN", *name, "its name").run([name](Context& context) {
    const OpenWorkspace space(context.workspace());
    const auto run = space.registry().find_run(*name);
    if (!run) throw Error(Fault::NotFound, "no run '" + *name + "'; see 'canopy run list'");
    nlohmann::ordered_json document = to_json(*run);
    document["body"] = run->body;
    document["lineage"] = nlohmann::ordered_json::array();
    for (const LineageNode& node : space.registry().lineage(run->id).nodes)
      document["lineage"].push_back({{"kind", node.kind},
                                     {"id", node.id},
                                     {"title", node.title},
                                     {"distance", node.distance}});
    std::printf("%s\n", document.dump(2).c_str());
    return kDone;
  });
  return command;
}

}  // namespace canopy
