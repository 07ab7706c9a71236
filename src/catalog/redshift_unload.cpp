// SPDX-License-Identifier: Apache-2.0
#include "catalog/redshift_unload.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/error.h"
#include "catalog/duckdb_session.h"
#include "catalog/one_select.h"
#include "catalog/postgres_address.h"

namespace canopy {
namespace {

constexpr const char kScheme[] = "redshift://";
constexpr const char* kForm =
    "write it as redshift://user@host:5439/database?unload=s3://bucket/prefix&iam_role=ARN";

/// A key of the address that is ours and not libpq's: taken out of `query`, "" where it is not.
std::string take(std::vector<std::string>& query, const std::string& key) {
  const auto found = std::find_if(query.begin(), query.end(), [&](const std::string& pair) {
    return pair.rfind(key + "=", 0) == 0;
  });
  if (found == query.end()) return "";
  std::string value = found->substr(key.size() + 1);
  query.erase(found);
  return value;
}

std::vector<std::string> pairs_of(const std::string& text) {
  std::vector<std::string> pairs;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('&', begin), text.size());
    if (end > begin) pairs.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return pairs;
}

bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view(":/-_.=+,@").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

bool is_redshift_url(const std::string& url) { return url.rfind(kScheme, 0) == 0; }

RedshiftAddress redshift_address(const std::string& url) {
  require(is_redshift_url(url), [&] { return "'" + url + "' is no address of Redshift"; });
  const std::size_t mark = std::min(url.find('?'), url.size());
  std::vector<std::string> query = pairs_of(mark < url.size() ? url.substr(mark + 1) : "");
  const auto wrong = [&](const std::string& why) {
    return "'" + without_password(url) + "': " + why + "; " + kForm;
  };
  RedshiftAddress address;
  address.unload = take(query, "unload");
  address.iam_role = take(query, "iam_role");
  while (address.unload.ends_with('/')) address.unload.pop_back();
  require(address.unload.rfind("s3://", 0) == 0 && address.unload.size() > 5 &&
              is_plain(address.unload),
          [&] { return wrong("unload must say where in S3 datasets may be written"); });
  require(is_plain(address.iam_role), [&] { return wrong("iam_role is no name of a role"); });

  std::string place = url.substr(sizeof kScheme - 1, mark - (sizeof kScheme - 1));
  const std::size_t host = place.find('@') == std::string::npos ? 0 : place.find('@') + 1;
  const std::size_t slash = std::min(place.find('/', host), place.size());
  if (place.find(':', host) >= slash) place.insert(slash, ":5439");
  address.postgres_url = "postgres://" + place;
  for (std::size_t i = 0; i < query.size(); ++i)
    address.postgres_url += (i == 0 ? "?" : "&") + query[i];
  return address;
}

std::string unload_statement(const std::string& sql,
                             const std::string& prefix,
                             const std::string& iam_role) {
  require(sql.find('\\') == std::string::npos,
          "the query holds a backslash, which Redshift takes for an escape inside UNLOAD; write "
          "chr(92) instead");
  return "UNLOAD (" + sql_text(sql) + ") TO " + sql_text(prefix) + " IAM_ROLE " +
         (iam_role.empty() ? "default" : sql_text(iam_role)) + " FORMAT PARQUET PARALLEL OFF";
}

std::string redshift_dataset_query(const std::string& query, const std::string& sql) {
  std::string text = "WITH selected AS (\n" + one_statement(query) + ")\n" + sql;
  const std::string ours = " AS DOUBLE)", theirs = " AS DOUBLE PRECISION)";
  // Of the part that we wrote; the user's may say DOUBLE in a text of its own.
  for (std::size_t at = text.find(ours, text.size() - sql.size()); at != std::string::npos;
       at = text.find(ours, at + theirs.size()))
    text.replace(at, ours.size(), theirs);
  return text;
}

}  // namespace canopy
