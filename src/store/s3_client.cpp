// SPDX-License-Identifier: Apache-2.0
#include "store/s3_client.h"

#include <chrono>
#include <pugixml.hpp>
#include <random>

#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "store/aws_profile.h"
#include "store/s3_error.h"

namespace canopy {
namespace {

std::string amazon_host(const std::string& region) {
  return "s3." + region + (region.rfind("cn-", 0) == 0 ? ".amazonaws.com.cn" : ".amazonaws.com");
}

void read_complaint(S3Reply& reply) {
  const HttpResponse& http = reply.http;
  reply.region = http.header("x-amz-bucket-region");
  if (http.status < 300 || http.body.empty()) return;
  pugi::xml_document document;
  if (!document.load_buffer(http.body.data(), http.body.size())) return;
  const pugi::xml_node error = document.child("Error");
  reply.code = error.child_value("Code");
  reply.message = error.child_value("Message");
  if (reply.region.empty()) reply.region = error.child_value("Region");
}

}  // namespace

S3Client::S3Client(S3Address address, S3Options options)
    : address_(std::move(address)),
      options_(std::move(options)),
      region_(aws_region(options_.variables)),
      credentials_(options_.variables),
      seed_(std::random_device()()) {
  const S3Endpoint endpoint = s3_endpoint(options_.variables);
  const bool is_path_style = !endpoint.is_amazon || address_.bucket.find('.') != std::string::npos;
  const std::string host = endpoint.is_amazon ? amazon_host(region_) : endpoint.host;
  const std::string scheme = endpoint.is_https ? "https://" : "http://";
  server_name_ = scheme + host;
  server_ = scheme + (is_path_style ? "" : address_.bucket + ".") + host;
  if (is_path_style) base_path_ = "/" + address_.bucket;
}

std::string S3Client::url_of(const S3Request& request) const {
  std::string url = server_ + base_path_;
  if (!request.key.empty() || base_path_.empty()) url += "/" + percent_encode(request.key, true);
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    url += separator + percent_encode(name, false) + "=" + percent_encode(value, false);
    separator = '&';
  }
  return url;
}

HttpResponse S3Client::attempt(const S3Request& request,
                               const std::string& url,
                               const std::string& digest) {
  const AwsCredentials credentials = credentials_.get();
  HttpRequest http;
  http.method = request.method;
  http.url = url;
  http.headers = request.headers;
  // Signed with the rest, so the server refuses a body that changed on its way.
  http.headers.push_back("x-amz-content-sha256: " + digest);
  if (!credentials.session_token.empty())
    http.headers.push_back("x-amz-security-token: " + credentials.session_token);
  http.body = request.body;
  http.sign = {region_, credentials.access_key_id, credentials.secret_access_key};
  http.stall_timeout = options_.stall_timeout;
  return http_.send(http);
}

Error S3Client::exhausted(const HttpResponse& response,
                          const std::string& code,
                          int attempts) const {
  const std::string after = " after " + std::to_string(attempts) + " attempts";
  if (response.failure == HttpFailure::Unreachable)
    return {Fault::Environment,
            server_name_ + " cannot be reached" + after + " (" + response.what +
                "); check the network and AWS_ENDPOINT_URL_S3"};
  if (response.failure != HttpFailure::None)
    return {Fault::Environment,
            server_name_ + " gives no whole answer" + after + " (" + response.what +
                "); check the network, then run it again"};
  return {Fault::Environment,
          server_name_ + " is overloaded or out of order: HTTP " + std::to_string(response.status) +
              (code.empty() ? "" : " " + code) + after + "; run it again later"};
}

S3Reply S3Client::send(const S3Request& request) {
  const std::string url = url_of(request), digest = sha256_hex(request.body);
  const RetryPolicy& policy = options_.retry;
  S3Reply reply;
  bool was_refreshed = false;
  for (int failures = 0;;) {
    reply = {attempt(request, url, digest), "", "", ""};
    read_complaint(reply);
    const bool is_expired = reply.code == "ExpiredToken" && !was_refreshed;
    if (is_expired && credentials_.refuse()) {
      was_refreshed = true;
      continue;
    }
    if (reply.http.failure == HttpFailure::None && reply.http.status < 500) was_answered_ = true;
    if (!is_transient(reply.http, reply.code)) break;
    ++failures;
    if (failures >= (was_answered_ ? policy.attempts : policy.first_attempts))
      throw exhausted(reply.http, reply.code, failures);
    const double uniform = Random(seed_, waits_++).uniform();
    if (!pause_for(policy.delay(failures, uniform)))
      throw Error(Fault::Environment, "stopped while waiting for " + server_name_);
  }
  if (reply.http.failure != HttpFailure::None)
    throw Error(Fault::Environment, server_name_ + ": " + reply.http.what);
  return reply;
}

Error S3Client::error_of(const S3Reply& reply, const std::string& what) {
  return s3_error(reply, {what, address_.bucket, region_, server_name_, credentials_.get().origin});
}

}  // namespace canopy
