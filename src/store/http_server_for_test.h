// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "store/loopback_for_test.h"

// A small HTTP/1.1 server on a free loopback port, a thread per connection: for tests that need an
// answer made to measure, and as a proxy that spoils or delays what passes (`forward`).

namespace canopy {

class HttpServerForTest {
 public:
  /// The answer, from "HTTP/1.1" on; after one that is shorter than it says, the connection is
  /// closed. Nothing: it is reset.
  using Handler = std::function<std::optional<std::string>(const RequestForTest&)>;

  explicit HttpServerForTest(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no loopback port");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~HttpServerForTest() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
      std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
  }
  HttpServerForTest(const HttpServerForTest&) = delete;
  HttpServerForTest& operator=(const HttpServerForTest&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Since the server began.
  int requests() const { return requests_; }
  int connections() const { return connections_; }

  static std::string answer(int status, const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  /// What the server at `port` answers to the request.
  static std::optional<std::string> forward(const RequestForTest& request, int port) {
    const int fd = connect_to_loopback(port);
    if (fd < 0) return std::nullopt;
    std::string answer;
    bool goes_on = send_all(fd, request.raw);
    while (goes_on && !is_whole(request, answer)) goes_on = read_more(fd, answer);
    ::close(fd);
    return answer;
  }

 private:
  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    std::string buffer;
    while (std::optional<RequestForTest> request = next(fd, buffer)) {
      ++requests_;
      const std::optional<std::string> answer = handler_(*request);
      if (!answer) {
        const linger reset = {1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        break;
      }
      if (!send_all(fd, *answer) || !is_whole(*request, *answer)) break;
    }
    std::lock_guard lock(mutex_);
    open_.remove(fd);
    ::close(fd);
  }

  static std::optional<RequestForTest> next(int fd, std::string& buffer) {
    std::size_t end;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(fd, buffer)) return std::nullopt;
    RequestForTest request;
    request.headers = headers_of(buffer.substr(0, end));
    const auto length = request.headers.find("content-length");
    const std::size_t size =
        end + 4 + (length == request.headers.end() ? 0 : std::stoul(length->second));
    while (buffer.size() < size)
      if (!read_more(fd, buffer)) return std::nullopt;
    request.raw = buffer.substr(0, size);
    request.body = request.raw.substr(end + 4);
    buffer.erase(0, size);
    const std::size_t blank = request.raw.find(' ');
    request.method = request.raw.substr(0, blank);
    request.target = request.raw.substr(blank + 1, request.raw.find(' ', blank + 1) - blank - 1);
    return request;
  }

  Handler handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> requests_ = 0, connections_ = 0;
  std::mutex mutex_;
  std::list<int> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace canopy
