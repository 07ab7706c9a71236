// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canopy {
namespace {

using testing::HasSubstr;

TEST(Error, a_failed_requirement_is_the_users_fault_and_says_what_to_do) {
  try {
    require(false, "pass --gsd");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    EXPECT_STREQ(error.what(), "pass --gsd");
  }
}

TEST(Error, a_costly_message_is_made_only_on_failure) {
  require(true, []() -> std::string { throw std::logic_error("never asked for"); });
  EXPECT_THROW(require(false, [] { return std::string("now"); }), Error);
}

TEST(Error, a_broken_invariant_names_its_place) {
  try {
    check(1 + 1 == 3, "arithmetic");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::Bug);
    EXPECT_THAT(error.what(), HasSubstr("error_test.cpp"));
  }
}

TEST(Error, errno_becomes_words) {
  errno = ENOSPC;
  try {
    throw_errno("a.tif");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::Environment);
    EXPECT_STREQ(error.what(), "a.tif: No space left on device");
  }
}

TEST(Error, context_stands_in_front_and_the_fault_stays) {
  const Error outer = add_context("while reading tile 3", Error(Fault::NotFound, "no such file"));
  EXPECT_EQ(outer.fault(), Fault::NotFound);
  EXPECT_STREQ(outer.what(), "while reading tile 3: no such file");
}

}  // namespace
}  // namespace canopy
