// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "serve/http_server.h"
#include "serve/served_survey.h"

// The farmer's server: the map and the API over one shelf of surveys.
//
//   auto shelf = std::make_shared<SurveyShelf>();
//   shelf->put(make_served(survey, folder));
//   SurveyServer server(shelf, web_folder, options);
//   print(server.url());
//   server.wait();  // until Ctrl-C; the destructor lets requests in progress end

namespace canopy {

/// Everything that is answered: the API, and the files of the web application in `web_folder` (an
/// index.html and what it needs) for all other paths. Throws NotFound without them.
Handler survey_handler(std::shared_ptr<const SurveyShelf> shelf,
                       const std::filesystem::path& web_folder);

class SurveyServer {
 public:
  /// Serves from now on; surveys may still be put on the shelf. Throws what `survey_handler` and
  /// HttpServer throw.
  SurveyServer(std::shared_ptr<const SurveyShelf> shelf,
               const std::filesystem::path& web_folder,
               const HttpServerOptions& options)
      : server_(options, survey_handler(std::move(shelf), web_folder)) {}

  std::string url() const { return server_.url(); }
  int port() const { return server_.port(); }
  void wait(const std::stop_token& stop = {}) const { server_.wait(stop); }
  void stop() { server_.stop(); }

 private:
  HttpServer server_;
};

}  // namespace canopy
