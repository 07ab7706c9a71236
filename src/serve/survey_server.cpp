// SPDX-License-Identifier: Apache-2.0
#include "serve/survey_server.h"

#include "serve/router.h"
#include "serve/static_files.h"
#include "serve/survey_api.h"

namespace canopy {

Handler survey_handler(std::shared_ptr<const SurveyShelf> shelf,
                       const std::filesystem::path& web_folder) {
  auto router = std::make_shared<Router>();
  add_survey_api(*router, std::move(shelf));
  router->otherwise(StaticFiles(web_folder));
  return [router](const Request& request) { return (*router)(request); };
}

}  // namespace canopy
