// SPDX-License-Identifier: Apache-2.0
#include "catalog/redshift_unload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "catalog/snapshot_query.h"

namespace canopy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(RedshiftUnload, doubles_the_quotes_of_the_query_and_names_place_and_role) {
  EXPECT_EQ(unload_statement("SELECT tile_id FROM tiles WHERE crop = 'walnut''s'",
                             "s3://bucket/set-1/",
                             "arn:aws:iam::1:role/unload"),
            "UNLOAD ('SELECT tile_id FROM tiles WHERE crop = ''walnut''''s''') TO "
            "'s3://bucket/set-1/' IAM_ROLE 'arn:aws:iam::1:role/unload' FORMAT PARQUET PARALLEL "
            "OFF");
  EXPECT_THAT(unload_statement("SELECT 1", "s3://b/p/", ""), HasSubstr(" IAM_ROLE default FORMAT"));
}

TEST(RedshiftUnload, of_a_query_with_a_backslash_is_refused_for_it_would_be_another_query) {
  EXPECT_THAT(error_of([] { unload_statement("SELECT 'a\\'", "s3://b/p/", ""); }),
              AllOf(HasSubstr("User: "), HasSubstr("chr(92)")));
}

TEST(RedshiftUnload, takes_what_is_ours_out_of_the_address) {
  const RedshiftAddress address = redshift_address(
      "redshift://me@cluster.example.org/dev?sslmode=require&unload=s3://bucket/a/b/"
      "&iam_role=arn:aws:iam::1:role/unload&connect_timeout=3");
  EXPECT_EQ(address.postgres_url,
            "postgres://me@cluster.example.org:5439/dev?sslmode=require&connect_timeout=3");
  EXPECT_EQ(address.unload, "s3://bucket/a/b");
  EXPECT_EQ(address.iam_role, "arn:aws:iam::1:role/unload");
  EXPECT_EQ(redshift_address("redshift://h:15439/dev?unload=s3://b").postgres_url,
            "postgres://h:15439/dev");
}

TEST(RedshiftUnload, needs_a_place_in_s3_and_shows_no_password) {
  for (const char* url : {"redshift://me:s3cret@h/dev",
                          "redshift://me:s3cret@h/dev?unload=/tmp",
                          "redshift://me:s3cret@h/dev?unload=s3://",
                          "redshift://me:s3cret@h/dev?unload=s3://b/it's",
                          "redshift://me:s3cret@h/dev?unload=s3://b&iam_role=it's"})
    EXPECT_THAT(
        error_of([&] { redshift_address(url); }),
        AllOf(HasSubstr("User: "), HasSubstr("?unload=s3://bucket"), Not(HasSubstr("cret"))))
        << url;
}

TEST(RedshiftUnload, carries_the_user_s_query_inside_the_dataset_s) {
  const SnapshotOptions options{.name = "set", .split_by = "orchard"};
  const std::string query = "SELECT tile_id, orchard, 'x AS DOUBLE)' AS note FROM examples;";
  const std::string sql = redshift_dataset_query(
      query,
      dataset_query({{"tile_id", "VARCHAR"}, {"orchard", "VARCHAR"}, {"note", "VARCHAR"}},
                    options));
  EXPECT_THAT(sql,
              AllOf(HasSubstr("WITH selected AS (\nSELECT tile_id, orchard, 'x AS DOUBLE)' AS note "
                              "FROM examples\n)"),
                    HasSubstr("CAST(1 AS DOUBLE PRECISION) AS weight"),
                    HasSubstr("CASE WHEN substr(md5("),
                    HasSubstr("ORDER BY selected.tile_id")));
}

}  // namespace
}  // namespace canopy
