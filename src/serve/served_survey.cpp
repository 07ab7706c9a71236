// SPDX-License-Identifier: Apache-2.0
#include "serve/served_survey.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "geo/crs.h"
#include "insight/survey_summary.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFileNames[] = {"ortho.tif",
                                      "labels.tif",
                                      "trees.gpkg",
                                      "trees.parquet",
                                      "trees.geojson",
                                      "missing.geojson",
                                      "rows.geojson",
                                      "trees.csv",
                                      "survey.json"};

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json ortho_json(const OrthoView& view, const std::string& url) {
  Json bands = Json::array();
  for (const auto& band : view.bands)
    bands.push_back(
        {{"name", band.name}, {"low", band.low}, {"high", band.high}, {"top", band.top}});
  return {{"url", url},
          {"width", view.width},
          {"height", view.height},
          {"dtype", view.dtype},
          {"gsd_m", view.gsd_m},
          {"crs", view.crs},
          {"proj4", view.proj4},
          {"extent", view.extent},
          {"bands", bands}};
}

void grow(Extent& extent, const Point& point) {
  extent = {std::min(extent[0], point.x),
            std::min(extent[1], point.y),
            std::max(extent[2], point.x),
            std::max(extent[3], point.y)};
}

Extent extent_of(const ServedSurvey& served) {
  Extent extent = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (const auto& tree : served.survey.trees) {
    grow(extent, tree.position);
    if (!tree.crown.empty())
      for (const auto& point : tree.crown.rings[0]) grow(extent, point);
  }
  for (const auto& gap : served.survey.missing) grow(extent, gap.position);
  for (const auto& row : served.survey.rows)
    for (const auto& point : row.line) grow(extent, point);
  if (std::isfinite(extent[0])) return extent;
  return served.ortho && same_crs(served.ortho->crs, served.crs) ? served.ortho->extent
                                                                 : Extent{0, 0, 1, 1};
}

// Ids may hold any character; the browser follows links as they are.
std::string percent_encoded(const std::string& text) {
  static const char* kDigits = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kDigits[c >> 4];
      out += kDigits[c & 15];
    }
  }
  return out;
}

Json detail_of(const ServedSurvey& served) {
  const Survey& survey = served.survey;
  Json json = survey_summary(survey);
  json["captured_on"] = survey.captured_on;
  json["model_id"] = survey.model_id;
  json["gsd_m"] = number(survey.gsd_m);
  json["row_count"] = survey.rows.size();
  const std::string root = "/api/v1/surveys/" + percent_encoded(served.survey.survey_id);
  json["crs"] = served.crs;
  json["proj4"] = served.proj4;
  json["extent"] = served.extent;
  Json blocks = Json::array();
  for (const auto& block : served.survey.blocks)
    blocks.push_back({{"block", block.block},
                      {"pattern", block.pattern},
                      {"row_spacing_m", number(block.row_spacing_m)},
                      {"tree_spacing_m", number(block.tree_spacing_m)},
                      {"row_angle_deg", number(block.row_angle_deg)}});
  json["blocks"] = blocks;
  json["ortho"] = served.ortho ? ortho_json(*served.ortho, root + "/rasters/ortho") : Json(nullptr);
  json["links"] = {{"self", root},
                   {"trees", root + "/trees"},
                   {"missing", root + "/missing"},
                   {"rows", root + "/rows"},
                   {"blocks", root + "/blocks"}};
  if (served.files.count("labels.tif")) json["links"]["labels"] = root + "/rasters/labels";
  json["files"] = Json::object();
  for (const auto& [name, file] : served.files)
    json["files"][name] = {{"url", root + "/files/" + name}, {"bytes", file->size()}};
  return json;
}

}  // namespace

std::shared_ptr<const ServedSurvey> make_served(Survey survey,
                                                const std::filesystem::path& folder) {
  auto served = std::make_shared<ServedSurvey>();
  served->survey = std::move(survey);
  require(!served->survey.survey_id.empty(), folder.string() + ": the survey has no id");
  if (!served->survey.crs_wkt.empty()) {
    served->crs = canonical_crs(served->survey.crs_wkt);
    served->proj4 = proj4_of(served->crs);
  }
  for (const char* name : kFileNames)
    if (std::filesystem::is_regular_file(folder / name))
      served->files[name] = OpenFile::open(folder / name);
  if (served->files.count("ortho.tif"))
    served->ortho = view_ortho(folder / "ortho.tif", served->survey.gsd_m);
  served->extent = extent_of(*served);
  served->summary_json = detail_of(*served).dump(-1, ' ', false, Json::error_handler_t::replace);
  return served;
}

void SurveyShelf::put(std::shared_ptr<const ServedSurvey> survey) {
  std::lock_guard lock(mutex_);
  by_id_[survey->survey.survey_id] = std::move(survey);
}

std::shared_ptr<const ServedSurvey> SurveyShelf::find(const std::string& survey_id) const {
  std::lock_guard lock(mutex_);
  const auto found = by_id_.find(survey_id);
  if (found == by_id_.end()) throw Error(Fault::NotFound, "there is no survey '" + survey_id + "'");
  return found->second;
}

std::vector<std::shared_ptr<const ServedSurvey>> SurveyShelf::all() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const ServedSurvey>> surveys;
  for (const auto& [id, survey] : by_id_) surveys.push_back(survey);
  return surveys;
}

}  // namespace canopy
