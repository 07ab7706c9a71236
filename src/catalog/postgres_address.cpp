// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_address.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "base/error.h"

namespace canopy {
namespace {

constexpr const char* kForm = "write it as postgres://user@host:5432/database";

bool begins_with(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

}  // namespace

bool is_postgres_url(const std::string& url) {
  return begins_with(url, "postgres://") || begins_with(url, "postgresql://");
}

std::string without_password(const std::string& url) {
  std::string shown = url;
  const std::size_t begin = shown.find("://");
  if (begin == std::string::npos) return shown;
  const std::size_t at = shown.find_last_of('@', shown.find_first_of("/?", begin + 3));
  const std::size_t colon = shown.find(':', begin + 3);
  if (at != std::string::npos && colon != std::string::npos && colon < at)
    shown.replace(colon + 1, at - colon - 1, "***");
  for (const char* key : {"?password=", "&password=", "?sslpassword=", "&sslpassword="}) {
    const std::size_t found = shown.find(key);
    if (found == std::string::npos) continue;
    const std::size_t value = found + std::string_view(key).size();
    const std::size_t end = std::min(shown.find('&', value), shown.size());
    shown.replace(value, end - value, "***");
  }
  return shown;
}

void require_postgres_url(const std::string& url) {
  require(is_postgres_url(url),
          [&] { return "'" + without_password(url) + "' is no address of Postgres; " + kForm; });
  // libpq's own words about a broken address may repeat it, password and all; they are not shown.
  char* words = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &words), PQconninfoFree);
  PQfreemem(words);
  require(options != nullptr,
          [&] { return "'" + without_password(url) + "' cannot be read as an address; " + kForm; });
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    const std::string_view key = option->keyword;
    require(!option->val || (key != "password" && key != "sslpassword"), [&] {
      return "'" + without_password(url) +
             "' holds a password, and canopy.toml is no place for one; put it into ~/.pgpass or "
             "PGPASSWORD";
    });
  }
}

}  // namespace canopy
