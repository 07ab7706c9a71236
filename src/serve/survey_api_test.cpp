// SPDX-License-Identifier: Apache-2.0
#include "serve/survey_api.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/random.h"
#include "insight/survey_files.h"
#include "serve/survey_for_test.h"
#include "serve/survey_server.h"

namespace canopy {
namespace {

using nlohmann::json;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SurveyApi : public testing::Test {
 protected:
  SurveyApi() : folder_(testing::TempDir() + "canopy_survey_api_" + std::to_string(::getpid())) {
    write_file(folder_ / "labels.tif", "0123456789");
    write_file(folder_ / "survey.json", "{}");
    write_file(folder_ / "private.txt", "secret");
    write_file(folder_ / "web/index.html", "<!doctype html>");
    shelf_->put(make_served(small_survey(), folder_));
    handler_ = survey_handler(shelf_, folder_ / "web");
  }
  Response get(const std::string& target, const std::string& range = {}) {
    Request request;
    const auto parsed = parse_target(target);
    EXPECT_TRUE(parsed) << target;
    request.target = parsed.value_or(Target{});
    if (!range.empty()) request.headers["range"] = range;
    return handler_(request);
  }
  json ok(const std::string& target) {
    const auto response = get(target);
    EXPECT_EQ(response.status, 200) << target << " " << response.text();
    return json::parse(response.text());
  }
  std::vector<int> ids(const std::string& query) {
    std::vector<int> found;
    const auto page = ok("/api/v1/surveys/north%20block/trees?" + query);
    for (const auto& feature : page["features"]) found.push_back(feature["id"].get<int>());
    return found;
  }
  std::string refusal(const std::string& query, const std::string& below = "trees") {
    const auto response = get("/api/v1/surveys/north%20block/" + below + "?" + query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    return json::parse(response.text())["detail"];
  }
  const std::filesystem::path folder_;
  std::shared_ptr<SurveyShelf> shelf_ = std::make_shared<SurveyShelf>();
  Handler handler_;
};

TEST_F(SurveyApi, a_survey_tells_its_figures_place_and_links) {
  const auto survey = ok("/api/v1/surveys/north%20block");
  EXPECT_EQ(ok("/api/v1/surveys")["surveys"], json::array({survey}));
  EXPECT_EQ(survey["tree_count"], 12);
  EXPECT_EQ(survey["missing_tree_count"], 3);
  EXPECT_EQ(survey["dead_tree_count"], 1);
  EXPECT_DOUBLE_EQ(survey["average_area_m2"], 7);  // of living trees: 2 to 12
  EXPECT_NEAR(survey["stddev_area_m2"], 3.3166, 1e-4);
  EXPECT_DOUBLE_EQ(survey["average_ndvi"], 0.5);
  EXPECT_TRUE(survey["average_ndre"].is_null());
  EXPECT_EQ(survey["crs"], "EPSG:32734");
  EXPECT_THAT(survey["proj4"].get<std::string>(), HasSubstr("+zone=34 +south"));
  EXPECT_EQ(survey["extent"], json::parse("[300004.0, 6250004.0, 300026.0, 6250016.0]"));
  EXPECT_TRUE(survey["ortho"].is_null());
  EXPECT_EQ(ok(survey["links"]["trees"])["numberMatched"], 12);
  EXPECT_EQ(get(survey["links"]["labels"]).text(), "0123456789");
  EXPECT_EQ(ok(survey["files"]["survey.json"]["url"]), json::object());
}

TEST_F(SurveyApi, a_survey_folder_is_served_as_it_was_written) {
  const auto folder = folder_ / "written";
  write_survey(small_survey(), folder);
  auto read = read_survey(folder);
  read.survey_id = "written";
  shelf_->put(make_served(read, folder));
  const auto survey = ok("/api/v1/surveys/written");
  auto expected = ok("/api/v1/surveys/north%20block");
  for (const char* name : {"tree_count",
                           "missing_tree_count",
                           "dead_tree_count",
                           "row_count",
                           "average_area_m2",
                           "crs",
                           "extent",
                           "captured_on",
                           "hectares"})
    EXPECT_EQ(survey[name], expected[name]) << name;
  const auto tree = ok("/api/v1/surveys/written/trees?crs=survey&limit=1");
  EXPECT_EQ(
      tree["features"][0]["geometry"],
      ok("/api/v1/surveys/north%20block/trees?crs=survey&limit=1")["features"][0]["geometry"]);
  const json written = json::parse(read_file(folder / "survey.json"));
  for (const auto& file : written["files"])
    EXPECT_EQ(get(survey["files"][file["name"].get<std::string>()]["url"]).status, 200) << file;
  EXPECT_EQ(ok(survey["files"]["rows.geojson"]["url"])["features"].size(),
            ok(survey["links"]["rows"])["features"].size());
}

TEST_F(SurveyApi, trees_come_in_pages_that_join_without_a_gap) {
  EXPECT_THAT(ids("limit=5"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(ids("limit=5&offset=10"), ElementsAre(11, 12));
  const auto beyond = ok("/api/v1/surveys/north%20block/trees?offset=100");
  EXPECT_EQ(beyond["numberMatched"], 12);
  EXPECT_EQ(beyond["numberReturned"], 0);
}

TEST_F(SurveyApi, trees_are_filtered_by_place_status_and_health) {
  EXPECT_THAT(ids("status=dead"), ElementsAre(1));
  EXPECT_THAT(ids("status=alive&health=poor,fair"), ElementsAre(2, 3));
  EXPECT_THAT(ids("crs=survey&bbox=300004,6250004,300011,6250011"), ElementsAre(1, 5));
  EXPECT_THAT(ids("bbox=18.840045,-33.87,18.84006,-33.869975"), ElementsAre(4, 8));
  EXPECT_THAT(ids("bbox=0,0,1,1"), ElementsAre());
}

TEST_F(SurveyApi, coordinates_are_wgs84_unless_the_surveys_own_are_asked_for) {
  const auto wgs84 = ok("/api/v1/surveys/north%20block/missing");
  EXPECT_FALSE(wgs84.contains("crs"));
  EXPECT_NEAR(wgs84["features"][0]["geometry"]["coordinates"][0], 18.838, 1e-3);
  EXPECT_NEAR(wgs84["features"][0]["geometry"]["coordinates"][1], -33.8715, 1e-3);
  for (const char* crs : {"survey", "EPSG:32734"}) {
    const auto own = ok(std::string("/api/v1/surveys/north%20block/missing?crs=") + crs);
    EXPECT_EQ(own["features"][0]["geometry"]["coordinates"], json::parse("[300005, 6250005]"));
    EXPECT_EQ(own["crs"]["properties"]["name"], "EPSG:32734");
  }
  EXPECT_EQ(ok("/api/v1/surveys/north%20block/rows")["numberReturned"], 3);
  EXPECT_EQ(
      ok("/api/v1/surveys/north%20block/blocks?crs=survey")["features"][0]["properties"]["pattern"],
      "square");
}

TEST_F(SurveyApi, wrong_parameters_are_named_with_the_remedy) {
  EXPECT_THAT(refusal("limit=0"), HasSubstr("from 1 to 10000"));
  EXPECT_THAT(refusal("limit=10001"), HasSubstr("limit '10001'"));
  EXPECT_THAT(refusal("offset=-1"), HasSubstr("offset"));
  EXPECT_THAT(refusal("bbox=1,2,3"), HasSubstr("4 numbers"));
  EXPECT_THAT(refusal("bbox=3,0,1,1"), HasSubstr("west,south,east,north"));
  EXPECT_THAT(refusal("status=gone"), HasSubstr("some of alive, dead"));
  EXPECT_THAT(refusal("health="), HasSubstr("some of good"));
  EXPECT_THAT(refusal("crs=EPSG:9999"), HasSubstr("must be wgs84 or survey"));
  EXPECT_THAT(refusal("limt=1"), HasSubstr("did you mean 'limit'"));
  EXPECT_THAT(refusal("limit=1", "rows"), HasSubstr("unknown parameter 'limit'"));
}

TEST_F(SurveyApi, a_survey_without_a_georeference_has_its_own_coordinates_only) {
  auto plan = small_survey();
  plan.survey_id = "plan";
  plan.crs_wkt.clear();
  shelf_->put(make_served(plan, folder_));
  EXPECT_EQ(ok("/api/v1/surveys/plan/trees?crs=survey")["numberReturned"], 12);
  EXPECT_EQ(get("/api/v1/surveys/plan/trees").status, 400);
  EXPECT_EQ(ok("/api/v1/surveys")["surveys"].size(), 2u);
}

TEST_F(SurveyApi, rasters_are_read_by_range_and_files_by_their_known_names) {
  const auto part = get("/api/v1/surveys/north%20block/rasters/labels", "bytes=2-4");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.text(), "234");
  EXPECT_THAT(std::string(part.header("Content-Type")), HasSubstr("image/tiff"));
  EXPECT_EQ(get("/api/v1/surveys/north%20block/rasters/ortho").status, 404);
  EXPECT_THAT(
      std::string(
          get("/api/v1/surveys/north%20block/files/labels.tif").header("Content-Disposition")),
      HasSubstr("labels.tif"));
  for (const char* name :
       {"private.txt", "..%2Flabels.tif", "%2Fetc%2Fpasswd", "web%2Findex.html", "labels.tif%2F"})
    EXPECT_EQ(get(std::string("/api/v1/surveys/north%20block/files/") + name).status, 404) << name;
}

TEST_F(SurveyApi, health_is_a_real_look_at_trees_and_files) {
  EXPECT_EQ(ok("/healthz")["trees"], 12);
  std::filesystem::resize_file(folder_ / "labels.tif", 3);
  EXPECT_EQ(get("/healthz").status, 503);
}

TEST_F(SurveyApi, a_request_keeps_the_survey_that_it_found) {
  const auto before = shelf_->find("north block");
  auto next = small_survey();
  next.trees.resize(2);
  shelf_->put(make_served(next, folder_));
  EXPECT_EQ(before->survey.trees.size(), 12u);
  EXPECT_EQ(ok("/api/v1/surveys/north%20block/trees")["numberMatched"], 2);
}

TEST_F(SurveyApi, all_other_paths_are_the_web_application) {
  EXPECT_EQ(get("/").text(), "<!doctype html>");
  EXPECT_EQ(get("/api/v2").status, 404);
  EXPECT_THROW(survey_handler(shelf_, folder_ / "absent"), Error);
  EXPECT_THROW(make_served(Survey{}, folder_), Error);
}

TEST_F(SurveyApi, any_target_is_answered_without_a_server_error_or_a_path) {
  const std::vector<std::string> words = {"api",
                                          "v1",
                                          "surveys",
                                          "north%20block",
                                          "trees",
                                          "rows",
                                          "missing",
                                          "rasters",
                                          "ortho",
                                          "labels",
                                          "files",
                                          "..%2f",
                                          "%2Fetc%2Fpasswd",
                                          "x",
                                          "%F0%9F%8C%B3",
                                          "%FF"};
  const std::vector<std::string> queries = {"limit=1",
                                            "limit=x",
                                            "offset=9223372036854775807",
                                            "bbox=1,2,3,4",
                                            "bbox=,,,",
                                            "crs=survey",
                                            "crs=%00",
                                            "status=%FF",
                                            "a",
                                            "=",
                                            "limit=1&limit=2"};
  Random random(2);
  const auto pick = [&](const auto& list) {
    return list[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(list.size())))];
  };
  for (int i = 0; i < 5000; ++i) {
    std::string target = random.chance(0.7) ? "/api/v1/surveys/north%20block" : "";
    for (auto n = random.below(4); n > 0; --n) target += "/" + pick(words);
    for (auto n = random.below(3); n > 0; --n)
      target += (target.find('?') == std::string::npos ? "?" : "&") + pick(queries);
    const auto parsed = parse_target(target);
    if (!parsed) continue;
    Request request;
    request.target = *parsed;
    if (random.chance(0.2))
      request.headers["range"] = "bytes=" + std::to_string(random.below(20)) + "-";
    const auto response = handler_(request);
    ASSERT_THAT(response.status, AnyOf(200, 206, 400, 404, 416)) << target;
    if (response.status >= 400) {
      ASSERT_THAT(response.text(), Not(HasSubstr(folder_.string()))) << target;
    }
  }
}

}  // namespace
}  // namespace canopy
