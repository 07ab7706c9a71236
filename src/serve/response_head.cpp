// SPDX-License-Identifier: Apache-2.0
#include "serve/response_head.h"

#include <ctime>

#include "base/error.h"

namespace canopy {
namespace {

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

}  // namespace

std::string response_head(const Response& response, bool keep_alive) {
  std::string text =
      "HTTP/1.1 " + std::to_string(response.status) + ' ' + reason_of(response.status) + "\r\n";
  for (const auto& [name, value] : response.headers) {
    check(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
    text += name + ": " + value + "\r\n";
  }
  if (response.status != 304)
    text += "Content-Length: " + std::to_string(response.body_size()) + "\r\n";
  text += "Date: " + http_date() +
          "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
          "Cross-Origin-Resource-Policy: same-origin\r\n";
  text += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return text;
}

bool is_loopback_name(std::string_view host) {
  const auto bracket = host.find(']');
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto name = host.substr(0, colon);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

}  // namespace canopy
