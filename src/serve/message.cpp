// SPDX-License-Identifier: Apache-2.0
#include "serve/message.h"

#include <cstdio>
#include <random>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "serve/open_file.h"

namespace canopy {
namespace {

// Names one failure for the reader of the log; it need not be secret or repeatable.
std::string new_problem_id() {
  thread_local std::mt19937_64 bits{std::random_device{}()};
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(bits()));
  return text;
}

Response problem_with_id(int status, const std::string& detail, const std::string& id) {
  const nlohmann::ordered_json body = {{"type", "about:blank"},
                                       {"title", reason_of(status)},
                                       {"status", status},
                                       {"detail", detail},
                                       {"id", id}};
  Response response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response.with("Content-Type", "application/problem+json")
      .with("Cache-Control", "no-store");
}

}  // namespace

std::string_view Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::uint64_t Response::body_size() const {
  if (const auto* own = std::get_if<std::string>(&body)) return own->size();
  if (const auto* part = std::get_if<FilePart>(&body)) return part->length;
  return std::get<std::shared_ptr<const std::string>>(body)->size();
}

std::string Response::text() const {
  if (const auto* own = std::get_if<std::string>(&body)) return *own;
  if (const auto* part = std::get_if<FilePart>(&body))
    return part->file->read(part->offset, part->length);
  return *std::get<std::shared_ptr<const std::string>>(body);
}

Response json_response(std::string body) {
  Response response;
  response.body = std::move(body);
  return response.with("Content-Type", "application/json").with("Cache-Control", "no-cache");
}

Response problem(int status, const std::string& detail) {
  return problem_with_id(status, detail, new_problem_id());
}

Response problem_of(const Error& error) {
  switch (error.fault()) {
    case Fault::User:
      return problem(400, error.what());
    case Fault::NotFound:
      return problem(404, error.what());
    case Fault::Conflict:
      return problem(409, error.what());
    default:
      break;
  }
  const std::string id = new_problem_id();
  log(LogLevel::Error, "request failed, problem " + id + ": " + error.what());
  return error.fault() == Fault::Environment
             ? problem_with_id(
                   503, "the server lacks something that it needs; its log says what", id)
             : problem_with_id(500, "the server failed; its log says where", id);
}

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

}  // namespace canopy
