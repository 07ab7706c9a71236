// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "verbs.h"

namespace canopy {

Command verb_init() {
  auto folder = std::make_shared<std::string>(".");
  Command command("init", "Make a workspace: a folder with canopy.toml");
  command.positional("FOLDER", *folder, "where; the current folder when left out", false)
      .example("canopy init farm-data")
      .run([folder](Context&) {
        const Workspace workspace = Workspace::create(*folder);
        std::printf("workspace  %s\n", (workspace.root() / "canopy.toml").c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
