// SPDX-License-Identifier: Apache-2.0
#include "base/utc.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

class Utc : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv("SOURCE_DATE_EPOCH"); }
};

TEST_F(Utc, is_written_to_the_second_with_a_z) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1'772'323'199), "2026-02-28T23:59:59Z");
}

TEST_F(Utc, now_is_what_the_environment_says_where_it_says_something) {
  ::setenv("SOURCE_DATE_EPOCH", "86400", 1);
  EXPECT_EQ(utc_now(), "1970-01-02T00:00:00Z");
  ::unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_GT(utc_now(), "2024");
}

TEST_F(Utc, a_time_that_is_no_number_is_refused) {
  for (const char* wrong : {"", "yesterday", "12h"}) {
    ::setenv("SOURCE_DATE_EPOCH", wrong, 1);
    try {
      utc_now();
      FAIL() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      EXPECT_THAT(error.what(), testing::HasSubstr("SOURCE_DATE_EPOCH"));
    }
  }
}

}  // namespace
}  // namespace canopy
