// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "orchard/survey.h"
#include "serve/open_file.h"
#include "serve/ortho_view.h"

namespace canopy {

/// A survey as it is served: read once, never changed. Files are opened when it is made and known
/// by name only.
struct ServedSurvey {
  Survey survey;
  std::string crs;    ///< "EPSG:..." or WKT, empty when the survey has no georeference
  std::string proj4;  ///< the same for a browser
  Extent extent =
      {};  ///< of trees, missing trees and rows; of the orthomosaic where there are none
  std::optional<OrthoView> ortho;
  std::map<std::string, std::shared_ptr<const OpenFile>>
      files;                 ///< by name: "ortho.tif", "trees.gpkg", ...
  std::string summary_json;  ///< the answer for the survey itself
};

/// `folder` holds the survey's files; it may lack any of them. Throws User when its orthomosaic
/// cannot be read.
std::shared_ptr<const ServedSurvey> make_served(Survey survey, const std::filesystem::path& folder);

/// The surveys that a server has, by id. A request holds on to what it found, so that a survey is
/// replaced whole.
class SurveyShelf {
 public:
  void put(std::shared_ptr<const ServedSurvey> survey);
  /// Throws NotFound.
  std::shared_ptr<const ServedSurvey> find(const std::string& survey_id) const;
  /// In the order of their ids.
  std::vector<std::shared_ptr<const ServedSurvey>> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const ServedSurvey>> by_id_;
};

}  // namespace canopy
