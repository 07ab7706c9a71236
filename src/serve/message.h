// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "serve/target.h"

// What handlers see of HTTP: plain structs, no socket and no library type, so that every route is
// tested by a call. `http_server` turns bytes into a Request and a Response into bytes.

namespace canopy {

class OpenFile;

struct Request {
  std::string method = "GET";
  Target target;
  std::map<std::string, std::string>
      headers;  ///< names in lower case; repeated ones joined by ", "
  std::string body;

  /// The value of a header (name in lower case), empty when it was not sent.
  std::string_view header(const std::string& name) const;
};

/// A piece of a file that is sent from disk in bounded memory.
struct FilePart {
  std::shared_ptr<const OpenFile> file;
  std::uint64_t offset = 0, length = 0;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Its own text, a text shared by many responses, or a part of a file.
  std::variant<std::string, std::shared_ptr<const std::string>, FilePart> body;

  Response& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  /// The first header of that name, written as it was set; empty when there is none.
  std::string_view header(std::string_view name) const;
  std::uint64_t body_size() const;
  /// The body as text; a file part is read. For tests and small answers.
  std::string text() const;
};

/// Thread-safe; it may throw Error, which `http_server` answers with `problem_of`.
using Handler = std::function<Response(const Request&)>;

Response json_response(std::string body);

/// RFC 9457: {"type", "title", "status", "detail", "id"}. `detail` is for whoever sent the request:
/// it never holds a path. The id is also logged, with what the detail leaves out.
Response problem(int status, const std::string& detail);
/// User 400, NotFound 404, Conflict 409, with their message; Environment 503 and Bug 500 without:
/// it goes to the log.
Response problem_of(const Error& error);
/// "Not Found"
const char* reason_of(int status);

}  // namespace canopy
