// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/s3_address.h"
#include "store/aws_credentials.h"
#include "store/http_client.h"
#include "store/retry_policy.h"

// One bucket, spoken to: addresses made, requests signed and repeated, complaints understood. What
// the requests mean is S3Store's business.
//
// Path style (http://server/bucket/key) where the environment names a server and for buckets with a
// dot, virtual-host style (https://bucket.s3.region.amazonaws.com/key) otherwise.

namespace canopy {

struct S3Options {
  Variables variables = process_variables();
  RetryPolicy retry = {};
  std::chrono::seconds stall_timeout{30};
};

struct S3Request {
  std::string method = "GET";
  std::string key = {};                                         ///< empty: the bucket itself
  std::vector<std::pair<std::string, std::string>> query = {};  ///< in order of names
  std::vector<std::string> headers = {};
  std::span<const std::uint8_t> body = {};
};

/// An answer that need not be asked for again.
struct S3Reply {
  HttpResponse http;
  std::string code, message, region;  ///< of S3's error document and headers, where there is one
  bool ok() const { return http.status >= 200 && http.status < 300; }
};

class S3Client {
 public:
  /// Sends nothing yet. Throws User for an environment that cannot be right.
  S3Client(S3Address address, S3Options options);

  /// Sends, and sends again as the policy says. Throws Environment when that does not help, when
  /// there are no credentials, or when the user asked the program to stop.
  S3Reply send(const S3Request& request);

  /// What a reply that is not ok means, for the person who has to act: which thing, which answer,
  /// what to do. `what` is the full address of what was asked for.
  Error error_of(const S3Reply& reply, const std::string& what);

  /// Where the request goes, percent-encoded as its signature needs it.
  std::string url_of(const S3Request& request) const;
  const S3Address& address() const { return address_; }
  int peak_in_flight() const { return http_.peak_in_flight(); }

 private:
  HttpResponse attempt(const S3Request& request, const std::string& url, const std::string& digest);
  Error exhausted(const HttpResponse& response, const std::string& code, int attempts) const;

  const S3Address address_;
  const S3Options options_;
  const std::string region_;
  std::string server_;       ///< scheme and host
  std::string server_name_;  ///< as the user knows it
  std::string base_path_;    ///< "/bucket" or ""
  AwsCredentialSource credentials_;
  HttpClient http_;
  std::atomic<bool> was_answered_ = false;
  std::atomic<std::uint64_t> waits_ = 0;
  const std::uint64_t seed_;
};

}  // namespace canopy
