// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string error_of(const std::string& url) {
  try {
    require_postgres_url(url);
  } catch (const Error& error) {
    return std::string(name_of(error.fault())) + ": " + error.what();
  }
  return "no error";
}

TEST(PostgresAddress, may_lack_every_part) {
  for (const char* url : {"postgres://",
                          "postgresql:///farm",
                          "postgres://me@host:5432/farm?sslmode=require",
                          "postgres:///farm?host=/run/postgresql",
                          "postgres:///?service=farm"})
    EXPECT_EQ(error_of(url), "no error") << url;
}

TEST(PostgresAddress, of_another_kind_or_that_cannot_be_read_is_refused_with_its_form) {
  EXPECT_THAT(error_of("mysql://me:s3cret@host/db"),
              AllOf(HasSubstr("User: 'mysql://me:***@host/db' is no address of Postgres"),
                    HasSubstr("postgres://user@host:5432/database")));
  EXPECT_THAT(error_of("postgres://[::1/db"), HasSubstr("cannot be read"));
  EXPECT_THAT(error_of("postgres://host/db?colour=red"), HasSubstr("cannot be read"));
}

TEST(PostgresAddress, with_a_password_is_refused_and_the_password_not_repeated) {
  for (const char* url : {"postgres://me:s3cret@host/db",
                          "postgres://me:s3cr@et@host/db",
                          "postgres://host/db?password=s3cret",
                          "postgres://host/db?sslmode=require&sslpassword=s3cret&user=me"})
    EXPECT_THAT(error_of(url), AllOf(HasSubstr("User: "), HasSubstr("***"), Not(HasSubstr("s3cr"))))
        << url;
  EXPECT_EQ(without_password("postgres://me@host:5432/db"), "postgres://me@host:5432/db");
  EXPECT_EQ(without_password("catalog/"), "catalog/");
}

}  // namespace
}  // namespace canopy
