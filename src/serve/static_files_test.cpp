// SPDX-License-Identifier: Apache-2.0
#include "serve/static_files.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

using testing::HasSubstr;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    const std::filesystem::path root =
        testing::TempDir() + "canopy_static_" + std::to_string(::getpid());
    write_file(root / "web/index.html", "<!doctype html>");
    write_file(root / "web/assets/main-1a2b.js", "let x = 1");
    write_file(root / "web/assets/main-1a2b.js.gz", "(gzip)");
    write_file(root / "web/lonely.gz", "no plain form");
    write_file(root / "secret.txt", "secret");
    web_ = std::make_unique<StaticFiles>(root / "web");
  }
  Response get(const std::string& path, const std::map<std::string, std::string>& headers = {}) {
    Request request;
    request.headers = headers;
    // Segments as they are, so that names which `parse_target` refuses are tried too.
    for (std::size_t at = 1; at < path.size();) {
      const auto end = std::min(path.find('/', at), path.size());
      request.target.segments.push_back(path.substr(at, end - at));
      at = end + 1;
    }
    return (*web_)(request);
  }
  std::unique_ptr<StaticFiles> web_;
};

TEST_F(StaticFilesTest, the_root_is_the_page_with_its_policy) {
  const auto page = get("/");
  EXPECT_EQ(page.text(), "<!doctype html>");
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("Cache-Control"), "no-cache");
  EXPECT_THAT(std::string(page.header("Content-Security-Policy")), HasSubstr("default-src 'none'"));
}

TEST_F(StaticFilesTest, assets_are_kept_for_ever_and_sent_compressed_to_who_takes_it) {
  const auto plain = get("/assets/main-1a2b.js"),
             gzip = get("/assets/main-1a2b.js", {{"accept-encoding", "gzip, br"}});
  EXPECT_THAT(std::string(plain.header("Cache-Control")), HasSubstr("immutable"));
  EXPECT_EQ(plain.text(), "let x = 1");
  EXPECT_EQ(gzip.text(), "(gzip)");
  EXPECT_EQ(gzip.header("Content-Encoding"), "gzip");
  EXPECT_NE(gzip.header("ETag"), plain.header("ETag"));
  EXPECT_EQ(
      get("/assets/main-1a2b.js", {{"if-none-match", std::string(plain.header("ETag"))}}).status,
      304);
}

TEST_F(StaticFilesTest, nothing_but_the_list_is_served) {
  for (const char* path : {"/../secret.txt",
                           "/assets/../../secret.txt",
                           "/secret.txt",
                           "/assets",
                           "/lonely",
                           "/lonely.gz",
                           "/assets/main-1a2b.js.gz",
                           "//index.html",
                           "/index.html/x"})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(StaticFilesTest, a_folder_without_the_page_says_how_to_make_it) {
  try {
    StaticFiles(testing::TempDir() + "canopy_static_nothing");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::NotFound);
    EXPECT_THAT(error.what(), HasSubstr("--web"));
  }
}

}  // namespace
}  // namespace canopy
