// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// How Redshift is told to write a dataset, and where:
//
//   redshift://user@host:5439/database?unload=s3://bucket/prefix&iam_role=arn:aws:iam::1:role/name
//
//   UNLOAD ('SELECT ... WHERE crop = ''walnut''') TO 's3://bucket/prefix/NAME-RANDOM/'
//   IAM_ROLE 'arn:aws:iam::1:role/name' FORMAT PARQUET PARALLEL OFF
//
// Each try has a prefix of its own, for UNLOAD refuses one where something lies. PARALLEL OFF keeps
// the order of the rows, and so the same files for the same rows.

namespace canopy {

bool is_redshift_url(const std::string& url);

struct RedshiftAddress {
  std::string postgres_url;  ///< of the cluster, for libpq: port 5439 unless it says another
  std::string unload;        ///< "s3://bucket/prefix", without a '/' at its end
  std::string iam_role;      ///< empty: the cluster's default role
};

/// Throws User for an address without `unload`, with one that is not in S3, or with a role that is
/// no word.
RedshiftAddress redshift_address(const std::string& url);

/// The statement. Throws User for SQL with a backslash: inside the quotes of UNLOAD Redshift takes
/// it for an escape, so the query would be another.
std::string unload_statement(const std::string& sql,
                             const std::string& prefix,
                             const std::string& iam_role);

/// `sql`, as `dataset_query` makes it, in Redshift's words, with `query` as its `selected`.
std::string redshift_dataset_query(const std::string& query, const std::string& sql);

}  // namespace canopy
