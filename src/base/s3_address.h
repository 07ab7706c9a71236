// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

// Where something lies on S3, "s3://bucket/key", and where S3 itself is, as AWS tools are told:
// AWS_ENDPOINT_URL_S3, else AWS_ENDPOINT_URL, names a server that speaks S3
// ("http://127.0.0.1:9000"); without them it is Amazon's. Tiles (store/s3_store.h) and orthomosaics
// (geo/s3_picture.h) both ask here, so that one environment serves both.

namespace canopy {

/// The value of an environment variable, "" where it is not set. Tests bring their own.
using Variables = std::function<std::string(const std::string& name)>;
/// The environment of this process.
Variables process_variables();

struct S3Address {
  std::string bucket;
  std::string key;  ///< or a prefix of keys; without '/' at either end; may be empty
  std::string text() const { return "s3://" + bucket + (key.empty() ? "" : "/" + key); }
};

bool is_s3_address(const std::string& text);
/// Throws User for anything but s3://BUCKET[/KEY] with a bucket's name of 3 to 63 characters.
S3Address parse_s3_address(const std::string& text);

/// A server that speaks S3.
struct S3Endpoint {
  bool is_amazon = true;  ///< nobody named another
  bool is_https = true;
  std::string host;  ///< with the port where one was given; empty for Amazon's
};

/// As the environment says. Throws User for what is not http(s)://HOST[:PORT].
S3Endpoint s3_endpoint(const Variables& variables);

/// Everything but letters, digits, '-', '_', '.' and '~' as %XX; '/' stays where `keep_slash`. That
/// strict, because signatures are made over this very form.
std::string percent_encode(const std::string& text, bool keep_slash);

}  // namespace canopy
