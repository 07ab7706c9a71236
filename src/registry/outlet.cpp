// SPDX-License-Identifier: Apache-2.0
#include "registry/outlet.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/error.h"

namespace canopy {
namespace {

/// Statuses of 4xx that are no verdict on the request itself.
constexpr std::array kMaybeLater = {401, 403, 408, 425, 429};

}  // namespace

nlohmann::json JsonServer::send(const std::string& method,
                                const std::string& path,
                                const std::string& body) {
  HttpRequest request;
  request.method = method;
  request.url = url_ + path;
  request.headers = {"Content-Type: application/json", "Accept: application/json"};
  if (!token_.empty()) request.headers.push_back("Authorization: Bearer " + token_);
  const std::vector<std::uint8_t> bytes(body.begin(), body.end());
  request.body = bytes;
  request.connect_timeout = std::chrono::milliseconds(1500);
  request.timeout = std::chrono::milliseconds(4000);
  if (std::chrono::steady_clock::now() > until_)
    throw Error(Fault::Environment, url_ + ": is slow; what is left is for the next command");
  const HttpResponse response = client_.send(request);
  if (response.failure != HttpFailure::None)
    throw Error(Fault::Environment, request.url + ": " + response.what);
  if (response.status >= 200 && response.status < 300) {
    const nlohmann::json answer = nlohmann::json::parse(response.text(), nullptr, false);
    return answer.is_discarded() ? nlohmann::json() : answer;
  }
  const bool is_refused = response.status >= 400 && response.status < 500 &&
                          std::ranges::count(kMaybeLater, response.status) == 0;
  throw Error(is_refused ? Fault::User : Fault::Environment,
              request.url + ": status " + std::to_string(response.status) + " " +
                  response.text().substr(0, 500));
}

void append_line(const std::string& path, const std::string& line) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) throw_errno(path);
  ::flock(file, LOCK_EX);
  const std::string text = line + "\n";
  const bool is_whole = ::write(file, text.data(), text.size()) == std::ssize(text);
  ::close(file);
  if (!is_whole) throw_errno(path);
}

}  // namespace canopy
