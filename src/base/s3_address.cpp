// SPDX-License-Identifier: Apache-2.0
#include "base/s3_address.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"

namespace canopy {
namespace {

constexpr char kScheme[] = "s3://";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_bucket_name(const std::string& name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back())) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_lower_or_digit(c) || c == '-' || c == '.';
  });
}

}  // namespace

Variables process_variables() {
  return [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
}

bool is_s3_address(const std::string& text) { return text.rfind(kScheme, 0) == 0; }

S3Address parse_s3_address(const std::string& text) {
  require(is_s3_address(text), [&] { return "'" + text + "' is not of the form s3://BUCKET/KEY"; });
  const std::string rest = text.substr(sizeof kScheme - 1);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  S3Address address{rest.substr(0, slash), rest.substr(std::min(slash + 1, rest.size()))};
  while (!address.key.empty() && address.key.back() == '/') address.key.pop_back();
  require(is_bucket_name(address.bucket), [&] {
    return text + ": '" + address.bucket +
           "' cannot name a bucket (3 to 63 lower-case letters, digits, '-' and '.'); write "
           "s3://BUCKET/KEY";
  });
  require(address.key.empty() || address.key.front() != '/',
          [&] { return text + ": has an empty part; write s3://BUCKET/KEY"; });
  return address;
}

S3Endpoint s3_endpoint(const Variables& variables) {
  for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    std::string url = variables(name);
    if (url.empty()) continue;
    const std::string given = url;
    while (url.back() == '/') url.pop_back();
    S3Endpoint endpoint;
    endpoint.is_amazon = false;
    endpoint.is_https = url.rfind("https://", 0) == 0;
    const bool has_scheme = endpoint.is_https || url.rfind("http://", 0) == 0;
    if (has_scheme) endpoint.host = url.substr(url.find("://") + 3);
    require(has_scheme && !endpoint.host.empty() &&
                endpoint.host.find_first_of("/?#@ ") == std::string::npos,
            [&] {
              return std::string(name) + ": '" + given +
                     "' is not a server; write http://HOST:PORT or https://HOST";
            });
    return endpoint;
  }
  return {};
}

std::string percent_encode(const std::string& text, bool keep_slash) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                          c == '.' || c == '~' || (c == '/' && keep_slash);
    if (is_plain)
      encoded += c;
    else
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return encoded;
}

}  // namespace canopy
