// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

TEST(Registry, is_a_file_or_a_database_of_postgres_and_no_other_address) {
  for (const char* url : {"", "mysql://host/db", "s3://bucket/registry.sqlite"}) {
    try {
      Registry::open(url);
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      EXPECT_THAT(error.what(), testing::HasSubstr("path of an SQLite file"));
    }
  }
}

}  // namespace
}  // namespace canopy
