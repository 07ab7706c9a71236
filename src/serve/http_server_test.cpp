// SPDX-License-Identifier: Apache-2.0
#include "serve/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/random.h"
#include "serve/open_file.h"
#include "serve/router.h"

namespace canopy {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// A client that sends any bytes.
class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(socket_); }
  bool is_connected() const { return is_connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void end() { ::shutdown(socket_, SHUT_WR); }
  /// One whole answer by its Content-Length, or what came before the connection ended.
  std::string receive(bool has_body = true) {
    char piece[65536];
    while (true) {
      const auto head_end = rest_.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        const auto at = rest_.find("Content-Length: ");
        const auto body = has_body && at < head_end ? std::stoull(rest_.substr(at + 16)) : 0;
        const auto whole = head_end + 4 + body;
        if (rest_.size() >= whole) {
          std::string answer = rest_.substr(0, whole);
          rest_.erase(0, whole);
          return answer;
        }
      }
      const auto got = ::recv(socket_, piece, sizeof piece, 0);
      if (got <= 0) return std::exchange(rest_, {});
      rest_.append(piece, static_cast<std::size_t>(got));
    }
  }
  bool is_closed() { return receive().empty(); }

 private:
  int socket_;
  bool is_connected_ = false;
  std::string rest_;
};

std::string get(const std::string& target, const std::string& more = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    router_.get("/hello", [](auto&, auto&) { return json_response("\"hello\""); });
    router_.get("/slow", [this](auto&, auto&) {
      ++slow_started_;
      std::this_thread::sleep_for(300ms);
      return json_response("\"slow\"");
    });
    router_.get("/bug", [](auto&, auto&) -> Response { throw std::runtime_error("/secret"); });
    router_.get("/big", [this](const Request& request, auto&) {
      return file_response(request, big_, "image/tiff");
    });
  }
  HttpServer& start(const HttpLimits& limits = {}) {
    HttpServerOptions options;
    options.port = 0;
    options.threads = 2;
    server_ = std::make_unique<HttpServer>(options, router_, limits);
    return *server_;
  }
  std::string ask(const std::string& bytes) {
    Client client(server_->port());
    client.send(bytes);
    return client.receive();
  }
  Router router_;
  std::atomic<int> slow_started_ = 0;
  std::shared_ptr<const OpenFile> big_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, one_connection_carries_many_requests_also_sent_at_once) {
  start();
  EXPECT_THAT(server_->url(), StartsWith("http://127.0.0.1:"));
  Client client(server_->port());
  for (int i = 0; i < 50; ++i) {
    client.send(get("/hello"));
    ASSERT_THAT(client.receive(),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\n\"hello\"")));
  }
  client.send(get("/hello") + get("/nothing") + get("/hello", "Connection: close\r\n"));
  EXPECT_THAT(client.receive(), HasSubstr("200 OK"));
  EXPECT_THAT(client.receive(), HasSubstr("404 Not Found"));
  EXPECT_THAT(client.receive(), HasSubstr("Connection: close"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, head_has_the_headers_without_the_body) {
  start();
  Client client(server_->port());
  client.send("HEAD /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_THAT(client.receive(false), AllOf(HasSubstr("Content-Length: 7"), HasSubstr("nosniff")));
  client.send(get("/hello"));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, a_large_file_and_its_ranges_arrive_whole) {
  std::string bytes(3'000'000, '\0');
  Random random(1);
  for (auto& byte : bytes) byte = static_cast<char>(random.bits());
  const std::filesystem::path path = testing::TempDir() + "canopy_http_big.tif";
  write_file(path, bytes);
  big_ = OpenFile::open(path);
  start();
  const auto body = [](const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  };
  EXPECT_TRUE(body(ask(get("/big"))) == bytes);
  const auto part = ask(get("/big", "Range: bytes=1000000-1999999\r\n"));
  EXPECT_THAT(part.substr(0, 400),
              AllOf(StartsWith("HTTP/1.1 206"), HasSubstr("bytes 1000000-1999999/3000000")));
  EXPECT_TRUE(body(part) == bytes.substr(1'000'000, 1'000'000));
}

TEST_F(HttpServerTest, malformed_requests_get_4xx_and_the_server_lives_on) {
  start();
  for (const std::string bytes :
       {"\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "DELETE /hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
        "POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST /hello HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    Client client(server_->port());
    client.send(bytes);
    client.end();
    EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 4")) << bytes;
  }
  EXPECT_THAT(ask(get("/hello", "X: " + std::string(20'000, 'x') + "\r\n")),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(ask(get("/bug")), AllOf(StartsWith("HTTP/1.1 500"), Not(HasSubstr("secret"))));
  EXPECT_THAT(ask(get("/hello")), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, two_thousand_mutilated_requests_are_refused_or_answered) {
  start();
  const std::string whole = get("/hello?a=1", "Range: bytes=0-5\r\nContent-Length: 0\r\n");
  Random random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = whole;
    for (auto n = 1 + random.below(4); n > 0; --n) {
      const auto at =
          static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())));
      if (random.chance(0.3))
        bytes.erase(at, 1);
      else
        bytes[at] = static_cast<char>(random.below(256));
    }
    Client client(server_->port());
    client.send(bytes);
    client.end();
    const auto answer = client.receive();
    ASSERT_THAT(answer, AnyOf(StartsWith("HTTP/1.1 2"), StartsWith("HTTP/1.1 4"), IsEmpty()))
        << bytes;
  }
  EXPECT_THAT(ask(get("/hello")), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, slow_clients_are_cut_off_and_hold_nobody_up) {
  start({.header = 200ms, .idle = 200ms});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<Client>(server_->port()));
    slow.back()->send(i % 2 ? "GET /hel" : "");
  }
  EXPECT_THAT(ask(get("/hello")), StartsWith("HTTP/1.1 200"));
  // A byte now and then does not extend the deadline.
  Client trickling(server_->port());
  for (const char byte : std::string("GET /hello HTTP")) {
    trickling.send({&byte, 1});
    std::this_thread::sleep_for(30ms);
  }
  EXPECT_TRUE(trickling.is_closed());
  for (auto& client : slow) EXPECT_TRUE(client->is_closed());
}

TEST_F(HttpServerTest, connections_beyond_the_limit_get_503) {
  start({.connections = 2});
  Client a(server_->port()), b(server_->port());
  a.send(get("/hello")), b.send(get("/hello"));
  EXPECT_THAT(a.receive() + b.receive(), HasSubstr("200 OK"));
  Client c(server_->port());
  c.send(get("/hello"));
  EXPECT_THAT(c.receive(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After")));
}

TEST_F(HttpServerTest, stopping_answers_what_is_in_progress_and_ends_idle_connections) {
  start();
  Client busy(server_->port()), idle(server_->port());
  idle.send(get("/hello"));
  EXPECT_THAT(idle.receive(), HasSubstr("200 OK"));
  busy.send(get("/slow"));
  while (slow_started_ == 0) std::this_thread::sleep_for(1ms);
  const int port = server_->port();
  const auto began = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_THAT(busy.receive(), HasSubstr("\"slow\""));
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(Client(port).is_connected());
  server_->stop();
}

TEST_F(HttpServerTest, waiting_ends_by_a_stop_token_or_a_signal) {
  start();
  std::stop_source source;
  auto waiting = std::async(std::launch::async, [&] { server_->wait(source.get_token()); });
  EXPECT_EQ(waiting.wait_for(100ms), std::future_status::timeout);
  source.request_stop();
  waiting.get();
  set_interrupted(15);
  server_->wait();
  set_interrupted(0);
}

TEST_F(HttpServerTest, a_taken_port_and_a_public_address_are_refused_with_the_remedy) {
  start();
  const auto refusal = [&](HttpServerOptions options) -> std::string {
    try {
      HttpServer server(options, router_);
    } catch (const Error& error) {
      return std::string(name_of(error.fault())) + ": " + error.what();
    }
    return "none";
  };
  EXPECT_THAT(refusal({.port = server_->port()}),
              AllOf(StartsWith("Environment"), HasSubstr("choose another --port")));
  EXPECT_THAT(refusal({.host = "0.0.0.0", .port = 0}),
              AllOf(StartsWith("User"), HasSubstr("use 127.0.0.1")));
  EXPECT_THAT(refusal({.port = 70'000}), HasSubstr("from 0 to 65535"));
  EXPECT_THAT(refusal({.port = 0, .threads = -1}), HasSubstr("threads -1"));
}

}  // namespace
}  // namespace canopy
