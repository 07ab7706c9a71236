// SPDX-License-Identifier: Apache-2.0
#include "catalog/duckdb_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(DuckdbError, too_little_memory_is_one_line_that_names_the_limit_and_the_remedy) {
  const std::string words = error_of([] {
    DuckdbSession session({.memory_mb = 50});
    session.query("SELECT count(*) FROM (SELECT DISTINCT md5(range::VARCHAR) FROM range(9000000))");
  });
  EXPECT_THAT(words,
              AllOf(HasSubstr("Environment: memory-mb=50 is too little"),
                    HasSubstr("raise memory-mb"),
                    Not(HasSubstr("\n"))));
  const char* said = "Out of Memory Error: could not allocate block\nPossible solutions:\n* SET";
  EXPECT_THAT(error_of_duckdb(Fault::User, said, 0).what(),
              AllOf(HasSubstr("too little memory"), Not(HasSubstr("Possible"))));
  said = "Out of Memory Error: failed to offload data block. The 'max_temp_directory_size' setting";
  EXPECT_THAT(error_of_duckdb(Fault::User, said, 50).what(), HasSubstr("the disk has no room"));
}

}  // namespace
}  // namespace canopy
