// SPDX-License-Identifier: Apache-2.0
#include "geo/zip_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(ZipFile, members_come_back_with_their_folders) {
  const fs::path path = fs::path(testing::TempDir()) / "zip_file.zip";
  const std::string long_text(100000, 'x');
  write_zip(path, {{"Rx/zones.shp", std::string("\0\1\2", 3)}, {"Rx/zones.dbf", long_text}});
  const auto members = read_zip(path);
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0].name, "Rx/zones.shp");
  EXPECT_EQ(members[0].bytes, std::string("\0\1\2", 3));
  EXPECT_EQ(members[1].name, "Rx/zones.dbf");
  EXPECT_EQ(members[1].bytes, long_text);
  EXPECT_LT(fs::file_size(path), 5000u);
  fs::remove(path);
}

TEST(ZipFile, what_is_no_archive_is_refused) {
  const fs::path path = fs::path(testing::TempDir()) / "zip_file_text.zip";
  write_file(path, "plain words");
  EXPECT_THAT(error_of([&] { read_zip(path); }), HasSubstr("is no zip archive"));
  fs::remove(path);
  EXPECT_THAT(error_of([&] { read_zip(path); }), HasSubstr("NotFound"));
}

}  // namespace
}  // namespace canopy
