// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include "store/http_client.h"

namespace canopy {

/// A server that speaks JSON over HTTP, asked within seconds or not at all: five after it was made,
/// no further request is begun. A proxy of the
/// environment is used as elsewhere; a token goes into the header `Authorization` alone.
class JsonServer {
 public:
  /// `token`: of `Authorization: Bearer`; empty: none.
  JsonServer(std::string url, std::string token) : url_(std::move(url)), token_(std::move(token)) {}

  nlohmann::json get(const std::string& path) { return send("GET", path, ""); }
  /// What the server answers, null where that is no JSON. Throws User when it will never take such
  /// a request (a 4xx, but for those below), Environment when it may later: no answer, 401, 403,
  /// 408, 425, 429 and 5xx.
  nlohmann::json post(const std::string& path, const nlohmann::ordered_json& body) {
    return send("POST", path, body.dump());
  }

 private:
  nlohmann::json send(const std::string& method, const std::string& path, const std::string& body);
  std::string url_, token_;
  const std::chrono::steady_clock::time_point until_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(5);
  HttpClient client_{1};
};

/// Adds one line, and the line break, to a file that several processes may add to at once. Throws
/// Environment.
void append_line(const std::string& path, const std::string& line);

}  // namespace canopy
