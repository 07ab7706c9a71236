// SPDX-License-Identifier: Apache-2.0
#include "serve/open_file.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

class OpenFileTest : public testing::Test {
 protected:
  OpenFileTest() : path_(testing::TempDir() + "canopy_open_file_" + std::to_string(::getpid())) {
    write_file(path_, "0123456789");
    file_ = OpenFile::open(path_);
  }
  Response ask(const std::string& name, const std::string& value) {
    Request request;
    request.headers[name] = value;
    return file_response(request, file_, "image/tiff");
  }
  std::filesystem::path path_;
  std::shared_ptr<const OpenFile> file_;
};

TEST_F(OpenFileTest, a_range_is_answered_with_its_part) {
  const auto part = ask("range", "bytes=2-4");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.text(), "234");
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(part.header("Accept-Ranges"), "bytes");
  EXPECT_EQ(ask("range", "bytes=-3").text(), "789");
  EXPECT_EQ(ask("range", "lines=1-2").status, 200);
  EXPECT_EQ(ask("range", "bytes=0-1,3-4").text(), "0123456789");
}

TEST_F(OpenFileTest, a_range_beyond_the_end_says_how_long_the_file_is) {
  const auto beyond = ask("range", "bytes=10-");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.header("Content-Range"), "bytes */10");
}

TEST_F(OpenFileTest, a_client_that_has_it_gets_304_and_one_that_has_another_gets_all) {
  EXPECT_EQ(ask("if-none-match", file_->etag()).status, 304);
  EXPECT_EQ(ask("if-none-match", "\"other\"").status, 200);
  Request request;
  request.headers = {{"range", "bytes=2-4"}, {"if-range", "\"other\""}};
  EXPECT_EQ(file_response(request, file_, "image/tiff").status, 200);
  request.headers["if-range"] = file_->etag();
  EXPECT_EQ(file_response(request, file_, "image/tiff").status, 206);
}

TEST_F(OpenFileTest, a_replaced_file_is_served_to_the_end_as_it_was) {
  write_file(path_, "another");
  EXPECT_EQ(ask("range", "bytes=5-").text(), "56789");
  EXPECT_NE(OpenFile::open(path_)->etag(), file_->etag());
}

TEST_F(OpenFileTest, a_missing_file_and_a_folder_are_not_found) {
  for (const auto& path :
       {path_ / "x", std::filesystem::path(testing::TempDir()), path_.parent_path() / "absent"}) {
    try {
      OpenFile::open(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_TRUE(error.fault() == Fault::NotFound || error.fault() == Fault::Environment);
    }
  }
  EXPECT_THROW(file_->read(5, 6), Error);
}

}  // namespace
}  // namespace canopy
