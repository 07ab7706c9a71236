// SPDX-License-Identifier: Apache-2.0
#include "serve/survey_api.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/options.h"
#include "geo/crs.h"
#include "serve/geojson.h"
#include "serve/static_files.h"

namespace canopy {
namespace {

using Parameters = Router::Parameters;
using Served = std::shared_ptr<const ServedSurvey>;

constexpr std::int64_t kLargestPage = 10'000;
constexpr const char* kWgs84 = "EPSG:4326";

/// The CRS in which a client wants coordinates.
struct Frame {
  bool is_wgs84 = true;
  Placing placing;
  int decimals = 8;
  std::string member;  ///< of a collection: says which CRS, where it is not that of RFC 7946
};

Frame frame_of(const Request& request, const ServedSurvey& served) {
  const std::string asked = request.target.value("crs").value_or("wgs84");
  Frame frame;
  frame.is_wgs84 = asked == "wgs84" || asked == kWgs84;
  const bool is_own = asked == "survey" || (!served.crs.empty() && asked == served.crs);
  require(frame.is_wgs84 || is_own, [&] { return "crs '" + asked + "' must be wgs84 or survey"; });
  if (is_own) {
    frame.is_wgs84 = false;
    frame.placing = [](const Point& point) { return point; };
    frame.decimals = 2;
    frame.member =
        "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":" + nlohmann::json(served.crs).dump() +
        "}},";
    return frame;
  }
  require(!served.crs.empty(), "this survey has no georeference; ask with crs=survey");
  auto reprojection = std::make_shared<Reprojection>(served.crs, kWgs84);
  frame.placing = [reprojection](const Point& point) { return (*reprojection)(point); };
  return frame;
}

Response geojson_response(std::string body) {
  Response response;
  response.body = std::move(body);
  return response.with("Content-Type", "application/geo+json").with("Cache-Control", "no-cache");
}

/// Which trees a request wants.
class TreeFilter {
 public:
  TreeFilter(const Target& target, bool is_wgs84) : is_wgs84_(is_wgs84) {
    if (const auto text = target.value("bbox")) {
      bbox_ = parse_numbers("bbox", *text, 4);
      require(bbox_[0] <= bbox_[2] && bbox_[1] <= bbox_[3],
              [&] { return "bbox '" + *text + "' must be west,south,east,north"; });
    }
    status_ = choice(target, "status", {"alive", "dead"});
    health_ = choice(target, "health", {"good", "fair", "poor", "unknown"});
  }
  bool operator()(const Tree& tree) const {
    if (!bbox_.empty()) {
      const double x = is_wgs84_ ? tree.lng : tree.position.x,
                   y = is_wgs84_ ? tree.lat : tree.position.y;
      if (x < bbox_[0] || x > bbox_[2] || y < bbox_[1] || y > bbox_[3]) return false;
    }
    return holds(status_, name_of(tree.status)) && holds(health_, name_of(tree.health_class));
  }

 private:
  static std::vector<std::string> choice(const Target& target,
                                         const char* name,
                                         const std::vector<std::string>& of) {
    const auto text = target.value(name);
    if (!text) return {};
    auto words = split_list(*text);
    const bool is_known =
        !words.empty() && std::all_of(words.begin(), words.end(), [&](const auto& word) {
          return std::find(of.begin(), of.end(), word) != of.end();
        });
    require(is_known, [&] {
      std::string known;
      for (const auto& word : of) known += (known.empty() ? "" : ", ") + word;
      return std::string(name) + " '" + *text + "' must be some of " + known;
    });
    return words;
  }
  static bool holds(const std::vector<std::string>& words, const char* name) {
    return words.empty() || std::find(words.begin(), words.end(), name) != words.end();
  }
  bool is_wgs84_;
  std::vector<double> bbox_;
  std::vector<std::string> status_, health_;
};

Response trees(const Request& request, const ServedSurvey& served) {
  request.target.allow({"crs", "bbox", "status", "health", "limit", "offset"});
  const auto limit = request.target.integer("limit", 1000, 1, kLargestPage);
  const auto offset = request.target.integer("offset", 0, 0, INT64_MAX);
  const Frame frame = frame_of(request, served);
  const TreeFilter wanted(request.target, frame.is_wgs84);
  GeoJson page(frame.placing, frame.decimals);
  std::int64_t matched = 0, returned = 0;
  for (const auto& tree : served.survey.trees) {
    if (!wanted(tree)) continue;
    if (matched++ < offset || returned == limit) continue;
    page.add(tree);
    ++returned;
  }
  return geojson_response(
      std::move(page).collection(frame.member + "\"numberMatched\":" + std::to_string(matched) +
                                 ",\"numberReturned\":" + std::to_string(returned) + ","));
}

template <class Items>
Response features(const Request& request, const ServedSurvey& served, const Items& items) {
  request.target.allow({"crs"});
  const Frame frame = frame_of(request, served);
  GeoJson all(frame.placing, frame.decimals);
  for (const auto& item : items) all.add(item);
  const auto count = std::to_string(items.size());
  return geojson_response(std::move(all).collection(frame.member + "\"numberMatched\":" + count +
                                                    ",\"numberReturned\":" + count + ","));
}

Response file(const Request& request,
              const ServedSurvey& served,
              const std::string& name,
              bool is_download) {
  const auto found = served.files.find(name);
  if (found == served.files.end())
    throw Error(Fault::NotFound, "this survey has no file '" + name + "'");
  auto response = file_response(request, found->second, content_type_of(found->first));
  if (is_download && response.status < 300)
    response.with("Content-Disposition", "attachment; filename=\"" + found->first + "\"");
  return response;
}

Response list(const SurveyShelf& shelf) {
  std::string body = "{\"surveys\":[";
  for (const auto& served : shelf.all()) {
    if (!body.ends_with('[')) body += ',';
    body += served->summary_json;
  }
  return json_response(body + "]}");
}

Response health(const SurveyShelf& shelf) {
  std::size_t trees = 0;
  const auto surveys = shelf.all();
  for (const auto& served : surveys) {
    trees += served->survey.trees.size();
    for (const auto& [name, file] : served->files)
      if (file->size() > 0) file->read(file->size() - 1, 1);
  }
  const nlohmann::ordered_json body = {
      {"status", "ok"}, {"surveys", surveys.size()}, {"trees", trees}};
  return json_response(body.dump()).with("Cache-Control", "no-store");
}

}  // namespace

void add_survey_api(Router& router, std::shared_ptr<const SurveyShelf> shelf) {
  const auto of_survey = [&](const std::string& below, auto handler) {
    router.get("/api/v1/surveys/{id}" + below,
               [shelf, handler](const Request& request, const Parameters& parameters) {
                 return handler(request, *shelf->find(parameters.at("id")), parameters);
               });
  };
  router.get("/healthz", [shelf](const Request&, const Parameters&) { return health(*shelf); });
  router.get("/api/v1/surveys",
             [shelf](const Request&, const Parameters&) { return list(*shelf); });
  of_survey("", [](auto&, const ServedSurvey& served, auto&) {
    return json_response(served.summary_json);
  });
  of_survey("/trees", [](const Request& request, const ServedSurvey& served, auto&) {
    return trees(request, served);
  });
  of_survey("/missing", [](const Request& request, const ServedSurvey& served, auto&) {
    return features(request, served, served.survey.missing);
  });
  of_survey("/rows", [](const Request& request, const ServedSurvey& served, auto&) {
    return features(request, served, served.survey.rows);
  });
  of_survey("/blocks", [](const Request& request, const ServedSurvey& served, auto&) {
    return features(request, served, served.survey.blocks);
  });
  of_survey("/rasters/ortho", [](const Request& request, const ServedSurvey& served, auto&) {
    return file(request, served, "ortho.tif", false);
  });
  of_survey("/rasters/labels", [](const Request& request, const ServedSurvey& served, auto&) {
    return file(request, served, "labels.tif", false);
  });
  of_survey("/files/{name}",
            [](const Request& request, const ServedSurvey& served, const Parameters& parameters) {
              return file(request, served, parameters.at("name"), true);
            });
}

}  // namespace canopy
