// SPDX-License-Identifier: Apache-2.0
#include "store/aws_metadata.h"

#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "store/http_client.h"
#include "store/retry_policy.h"

namespace canopy {
namespace {

using std::chrono::milliseconds;

HttpResponse ask(HttpClient& http,
                 const std::string& method,
                 const std::string& url,
                 std::vector<std::string> headers) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  request.headers = std::move(headers);
  request.connect_timeout = milliseconds(1'000);
  request.timeout = milliseconds(2'000);
  request.may_use_proxy = false;
  HttpResponse response = http.send(request);
  const bool again = response.failure == HttpFailure::Broken || response.status >= 500;
  if (again && pause_for(milliseconds(100))) response = http.send(request);
  return response;
}

std::string complaint(const HttpResponse& response) {
  return response.failure == HttpFailure::None ? "answers HTTP " + std::to_string(response.status)
                                               : response.what;
}

AwsCredentials parse(const HttpResponse& response, const std::string& url, std::string origin) {
  const auto refuse = [&](const std::string& why) -> Error {
    return {Fault::Environment, url + " (credentials of " + origin + "): " + why};
  };
  if (response.status != 200) throw refuse(complaint(response));
  const nlohmann::json document = nlohmann::json::parse(response.body, nullptr, false);
  if (!document.is_object()) throw refuse("the answer is not a JSON object");
  const auto text = [&](const char* key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_string() ? found->get<std::string>() : "";
  };
  if (const std::string code = text("Code"); !code.empty() && code != "Success")
    throw refuse(code + ": " + text("Message"));
  AwsCredentials found{
      text("AccessKeyId"), text("SecretAccessKey"), text("Token"), std::move(origin), std::nullopt};
  if (found.access_key_id.empty() || found.secret_access_key.empty())
    throw refuse("AccessKeyId or SecretAccessKey is missing");
  if (const std::string time = text("Expiration"); !time.empty()) found.expires = time_of_utc(time);
  return found;
}

bool may_be_asked(const std::string& url) {
  if (url.rfind("https://", 0) == 0) return true;
  if (url.rfind("http://", 0) != 0) return false;
  std::string host = url.substr(7, url.find_first_of("/?#", 7) - 7);
  if (host.find('@') != std::string::npos) return false;
  const bool is_v6 = !host.empty() && host[0] == '[';
  const std::size_t colon = is_v6 ? host.find(':', host.find(']')) : host.find(':');
  host = host.substr(0, colon);
  for (const char* known :
       {"127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"})
    if (host == known) return true;
  return false;
}

std::string container_token(const Variables& variables) {
  const std::string path = variables("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  std::string token = variables("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (!path.empty()) {
    std::ifstream file(path);
    if (!file)
      throw Error(Fault::Environment,
                  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: " + path + " cannot be read");
    token.assign(std::istreambuf_iterator<char>(file), {});
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  }
  require(token.find_first_of("\r\n") == std::string::npos,
          "AWS_CONTAINER_AUTHORIZATION_TOKEN: has more than one line");
  return token;
}

}  // namespace

std::time_t time_of_utc(const std::string& text) {
  std::tm time = {};
  const char* const end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (end == nullptr || (*end != 'Z' && *end != '.' && *end != '\0'))
    throw Error(Fault::Environment, "'" + text + "' is not a time such as 2026-11-23T18:00:00Z");
  return ::timegm(&time);
}

std::optional<AwsCredentials> container_credentials(const Variables& variables) {
  const std::string relative = variables("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string url = relative.empty() ? variables("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                                           : "http://169.254.170.2" + relative;
  if (url.empty()) return std::nullopt;
  require(may_be_asked(url), [&] {
    return "AWS_CONTAINER_CREDENTIALS_FULL_URI: " + url +
           " is neither https nor an address of this machine";
  });
  HttpClient http(1);
  std::vector<std::string> headers;
  if (const std::string token = container_token(variables); !token.empty())
    headers.push_back("Authorization: " + token);
  return parse(ask(http, "GET", url, headers), url, "the container");
}

std::optional<AwsCredentials> instance_credentials(const Variables& variables) {
  const std::string disabled = variables("AWS_EC2_METADATA_DISABLED");
  if (disabled == "true" || disabled == "TRUE" || disabled == "True") return std::nullopt;
  std::string server = variables("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const bool was_named = !server.empty();
  if (!was_named) server = "http://169.254.169.254";
  while (server.back() == '/') server.pop_back();
  HttpClient http(1);
  const HttpResponse token = ask(
      http, "PUT", server + "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds: 21600"});
  // Off EC2 that address leads nowhere, or to a server of another kind.
  if (token.status != 200 && !was_named) return std::nullopt;
  if (token.status != 200)
    throw Error(
        Fault::Environment,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT: " + server + " gives no token: " + complaint(token));
  const std::vector<std::string> headers = {"X-aws-ec2-metadata-token: " + token.text()};
  const std::string url = server + "/latest/meta-data/iam/security-credentials/";
  const HttpResponse role = ask(http, "GET", url, headers);
  if (role.status == 404) return std::nullopt;  // an instance without a role
  const std::string name = role.text().substr(0, role.text().find('\n'));
  if (role.status != 200 || name.empty())
    throw Error(Fault::Environment, url + ": names no role: " + complaint(role));
  return parse(ask(http, "GET", url + percent_encode(name, false), headers),
               url + name,
               "the instance's role '" + name + "'");
}

}  // namespace canopy
