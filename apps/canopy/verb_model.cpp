// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "mosaic_options.h"
#include "records.h"
#include "verbs.h"

namespace canopy {

Command verb_model_list() {
  Command command("model list", "The models of the workspace");
  command.run([](Context& context) {
    const OpenWorkspace space(context.workspace());
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ModelRecord& model : space.registry().models()) {
      list.push_back({{"id", model.id},
                      {"name", model.name},
                      {"run", model.run_id},
                      {"uri", model.uri},
                      {"created_at", model.created_at}});
      if (!context.json)
        std::printf("%-20s %s   run %-20s %s\n",
                    model.name.c_str(),
                    model.id.substr(0, 12).c_str(),
                    model.run_id.c_str(),
                    model.uri.c_str());
    }
    if (context.json) std::printf("%s\n", list.dump(2).c_str());
    return kDone;
  });
  return command;
}

Command verb_model_show() {
  auto name = std::make_shared<std::string>();
  Command command("model show", "What a model file says of itself");
  command.positional("MODEL", *name, "a .safetensors file, or the name of a model of the workspace")
      .run([name](Context& context) {
        ModelInfo info = load_model_info(find_model(*name, context));
        const nlohmann::ordered_json document = {{"name", info.name},
                                                 {"model_id", info.model_id},
                                                 {"run_id", info.run_id},
                                                 {"dataset_id", info.dataset_id},
                                                 {"bands", info.bands},
                                                 {"classes", info.classes},
                                                 {"network", Fields(info.config).to_json()},
                                                 {"trained_gsd_m", info.trained_gsd_m},
                                                 {"crown_px_median", info.crown_px_median},
                                                 {"score_threshold", info.score_threshold},
                                                 {"metrics", info.metrics}};
        std::printf("%s\n", document.dump(2).c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
