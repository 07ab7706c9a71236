// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

// HTTP/1.1 for many threads at once: `send` blocks its caller, while ONE thread of the client's own
// drives all transfers through libcurl's multi interface. So connections are kept and shared, and
// as many requests are in flight as there are callers. One `send` is one request: whoever wants it
// repeated decides that from the answer (store/retry_policy.h).

namespace canopy {

/// With what a request is signed: AWS Signature Version 4, for the service "s3".
struct AwsSignature {
  std::string region, access_key_id, secret_access_key;
};

struct HttpRequest {
  std::string method = "GET";  ///< GET, HEAD, PUT, POST or DELETE
  std::string url;             ///< path and query percent-encoded, query in order of its names
  std::vector<std::string> headers = {};    ///< "name: value"
  std::span<const std::uint8_t> body = {};  ///< of PUT and POST; must live until `send` returns
  std::optional<AwsSignature> sign = {};
  std::chrono::milliseconds connect_timeout{5'000};
  /// No byte for so long: given up. Whole seconds.
  std::chrono::seconds stall_timeout{30};
  /// For the whole; 0: as long as bytes come.
  std::chrono::milliseconds timeout{0};
  bool may_use_proxy = true;  ///< http_proxy, https_proxy and no_proxy of the environment
};

/// Why there is no answer.
enum class HttpFailure {
  None,         ///< there is one
  Unreachable,  ///< no such host, refused, no connection in time: nothing was sent
  Broken,       ///< a timeout, a reset, or an answer cut short: it may have taken effect
  Hopeless,     ///< no use in asking again: a bad URL, a certificate that does not hold
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::vector<std::uint8_t> body;              ///< as many bytes as Content-Length said
  HttpFailure failure = HttpFailure::None;
  std::string what;  ///< of a failure, in words

  std::string header(const std::string& name) const;  ///< "" where it is missing
  std::string text() const { return {body.begin(), body.end()}; }
};

class HttpClient {
 public:
  explicit HttpClient(int max_connections = 64);
  /// No call may be under way.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The answer, whatever its status; redirects are not followed. Thread-safe. Throws Environment
  /// only when memory is out.
  HttpResponse send(const HttpRequest& request);

  /// The most requests that were in flight at one time.
  int peak_in_flight() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
