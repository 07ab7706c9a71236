// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "catalog/catalog_fixture.h"
#include "catalog/sql_cases.h"

namespace canopy {
namespace {

class CatalogSql : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(CatalogSql, answers_as_the_file_says) {
  ScratchFolder scratch;
  expect_answers_of(sample_catalog(scratch.path() / "catalog"), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    , CatalogSql, testing::ValuesIn(sql_case_files("duckdb")), [](const auto& param) {
      return param.param.parent_path().filename().string() + "_" + param.param.stem().string();
    });

}  // namespace
}  // namespace canopy
