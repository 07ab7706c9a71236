// SPDX-License-Identifier: Apache-2.0
#include "serve/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace canopy {
namespace {

using testing::HasSubstr;
using testing::Not;

Request asking(const std::string& method, const std::string& target) {
  Request request;
  request.method = method;
  request.target = *parse_target(target);
  return request;
}

Router made() {
  Router router;
  router.get("/trees/{id}",
             [](const Request&, const Router::Parameters& p) { return json_response(p.at("id")); });
  router.get("/user",
             [](auto&, auto&) -> Response { throw Error(Fault::User, "limit 'x' is wrong"); });
  router.get("/conflict", [](auto&, auto&) -> Response { throw Error(Fault::Conflict, "taken"); });
  router.get("/disk", [](auto&, auto&) -> Response {
    throw Error(Fault::Environment, "/secret/farm.tif: gone");
  });
  router.get("/bug", [](auto&, auto&) -> Response { throw std::logic_error("/secret: broken"); });
  return router;
}

TEST(Router, hands_over_the_segments_in_braces) {
  EXPECT_EQ(made()(asking("GET", "/trees/7")).text(), "7");
  EXPECT_EQ(made()(asking("HEAD", "/trees/a%2Fb")).text(), "a/b");
}

TEST(Router, an_unknown_path_is_404_and_an_unknown_method_405) {
  EXPECT_EQ(made()(asking("GET", "/trees")).status, 404);
  EXPECT_EQ(made()(asking("GET", "/trees/7/8")).status, 404);
  const auto refused = made()(asking("DELETE", "/trees/7"));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("Allow"), "GET, HEAD");
}

TEST(Router, paths_that_it_lacks_go_to_the_fallback) {
  auto router = made();
  router.otherwise([](const Request&) { return json_response("page"); });
  EXPECT_EQ(router(asking("GET", "/index.html")).text(), "page");
}

TEST(Router, a_failure_becomes_its_problem_and_never_tells_a_path) {
  const auto wrong = made()(asking("GET", "/user"));
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.header("Content-Type"), "application/problem+json");
  const auto body = nlohmann::json::parse(wrong.text());
  EXPECT_EQ(body["detail"], "limit 'x' is wrong");
  EXPECT_EQ(body["status"], 400);
  EXPECT_EQ(body["id"].get<std::string>().size(), 16u);
  EXPECT_EQ(made()(asking("GET", "/conflict")).status, 409);

  const auto disk = made()(asking("GET", "/disk")), bug = made()(asking("GET", "/bug"));
  EXPECT_EQ(disk.status, 503);
  EXPECT_EQ(bug.status, 500);
  EXPECT_THAT(disk.text() + bug.text(), Not(HasSubstr("secret")));
}

TEST(Router, text_that_is_no_utf8_still_makes_a_problem) {
  EXPECT_NO_THROW(nlohmann::json::parse(problem(400, "bad \xff byte").text()));
}

}  // namespace
}  // namespace canopy
