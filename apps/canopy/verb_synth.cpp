// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "orchard/synthetic_files.h"
#include "verbs.h"

namespace canopy {

Command verb_synth() {
  struct State {
    SyntheticOptions options;
    std::string output;
  };
  auto state = std::make_shared<State>();
  Command command("synth",
                  "Make a synthetic orchard: orthomosaic, surface model, and its exact truth");
  command.options(state->options)
      .output(state->output,
              "Folder for ortho.tif, dsm.tif, dtm.tif, crowns.gpkg, truth_ids.tif, orchard.json.")
      .example("canopy synth preset=citrus seed=7 -o orchard/")
      .run([state](Context& context) {
        const std::filesystem::path folder = state->output;
        context.require_writable(folder / "orchard.json");
        state->options.validate();
        const SyntheticOrchard orchard(state->options);
        write_synthetic_orchard(orchard, folder, SyntheticPlace{}, *context.progress);
        const auto& options = state->options;
        if (context.json) {
          std::printf("%s\n",
                      nlohmann::json{{"folder", folder.string()},
                                     {"trees", orchard.trees().size()},
                                     {"missing", orchard.gaps().size()}}
                          .dump()
                          .c_str());
          return kDone;
        }
        std::printf(
            "orchard    %s, seed %lld: %s trees, %s missing, %d x %d px at %.1f cm\nfiles      "
            "%s\n",
            options.preset.c_str(),
            static_cast<long long>(options.seed),
            format_count(static_cast<std::int64_t>(orchard.trees().size())).c_str(),
            format_count(static_cast<std::int64_t>(orchard.gaps().size())).c_str(),
            orchard.width_px(),
            orchard.height_px(),
            options.gsd_m * 100,
            folder.c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
