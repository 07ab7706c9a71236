// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "insight/survey_files.h"
#include "serve/survey_server.h"
#include "share.h"
#include "verbs.h"

namespace canopy {

Command verb_serve() {
  struct State {
    std::vector<std::string> surveys;
    HttpServerOptions options;
  };
  auto state = std::make_shared<State>();
  Command command("serve", "Show surveys on a map, in a browser");
  command.options(state->options)
      .positionals(
          "SURVEY", state->surveys, "folders of surveys; all of the workspace when left out", false)
      .example("canopy serve farm/")
      .run([state](Context& context) {
        std::vector<std::filesystem::path> folders(state->surveys.begin(), state->surveys.end());
        if (folders.empty()) {
          for (const auto& entry :
               std::filesystem::directory_iterator(context.workspace().surveys()))
            if (entry.is_directory()) folders.push_back(entry.path());
        }
        auto shelf = std::make_shared<SurveyShelf>();
        for (const auto& folder : folders) shelf->put(make_served(read_survey(folder), folder));
        const SurveyServer server(shelf, shared_file("web"), state->options);
        std::printf("map        %s   (Ctrl-C ends it)\n", server.url().c_str());
        std::fflush(stdout);
        server.wait();
        return kDone;
      });
  return command;
}

}  // namespace canopy
