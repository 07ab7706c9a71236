// SPDX-License-Identifier: Apache-2.0
#include "catalog/redshift_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "catalog/catalog_fixture.h"

// What needs no cluster. The rest is tests/system/redshift.py, against a stand-in.

namespace canopy {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(RedshiftCatalog, is_loaded_by_the_cluster_and_not_from_here) {
  Catalog catalog = Catalog::open("redshift://me@127.0.0.1:1/dev?unload=s3://bucket/sets");
  EXPECT_THAT(
      error_of([&] { catalog.commit_part("2024-alder", sample_ingest("2024-alder")); }),
      AllOf(HasSubstr("User: "), HasSubstr("cluster's own COPY"), HasSubstr("docs/postgres.md")));
  EXPECT_THAT(error_of([&] { (void)catalog.folder(); }), HasSubstr("is in a database"));
  EXPECT_THAT(error_of([&] { (void)catalog.engine().rearrange(); }),
              HasSubstr("use the cluster's own DELETE and COPY"));
}

TEST(RedshiftCatalog, that_is_not_there_is_named) {
  const Catalog catalog = Catalog::open("redshift://me@127.0.0.1:1/dev?unload=s3://bucket/sets");
  EXPECT_THAT(error_of([&] { catalog.query("SELECT 1"); }),
              AllOf(HasSubstr("Environment: database 'dev' on 127.0.0.1:1"),
                    HasSubstr("see that the server runs")));
  EXPECT_THAT(error_of([&] { catalog.query("SELECT 1; SELECT 2"); }), HasSubstr("2 statements"));
}

TEST(RedshiftCatalog, needs_an_address_that_says_where_to_unload) {
  EXPECT_THAT(error_of([] { Catalog::open("redshift://me@host/dev"); }),
              HasSubstr("?unload=s3://bucket/prefix"));
}

}  // namespace
}  // namespace canopy
