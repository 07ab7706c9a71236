// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "serve/message.h"

// HTTP/1.1 over TCP (Boost.Beast): reads requests within limits and deadlines, calls one handler,
// writes its response. A few threads wait for the network, others run handlers, so that a slow
// answer holds up no other connection. Whatever a client sends is answered by 4xx or cut off;
// nothing that it does ends the server.

namespace canopy {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 8080;
  int threads = 0;
  template <class F>
  void describe(F& field) {
    field("host",
          host,
          "Address to listen on; loopback only, because there are no access tokens yet.");
    field("port", port, "Port to listen on; 0 takes any free one.");
    field("threads", threads, "Threads that answer requests; 0: as many as cores.");
  }
  void validate() const;
};

/// What one client may take. The defaults suit people and browsers; tests make them small.
struct HttpLimits {
  std::chrono::milliseconds header{
      10'000};  ///< from a request's first byte to its last, body included
  std::chrono::milliseconds idle{60'000};   ///< between requests of one connection
  std::chrono::milliseconds write{30'000};  ///< for each 256 KiB of an answer
  std::chrono::milliseconds drain{5'000};   ///< for requests in progress when the server stops
  std::uint32_t header_bytes = 16 * 1024;
  std::uint64_t body_bytes = std::uint64_t{64} * 1024;
  int connections = 512;  ///< further ones get 503
};

class HttpServer {
 public:
  /// Listens and serves from now on. Throws User for options, Environment when the port is taken,
  /// with the remedy.
  HttpServer(const HttpServerOptions& options, Handler handler, const HttpLimits& limits = {});
  /// `stop`.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  /// "http://127.0.0.1:8080"
  std::string url() const;

  /// Returns when a stop is requested or the process is `interrupted()`. The server is still up
  /// then: `stop` it.
  void wait(const std::stop_token& stop = {}) const;
  /// Takes no new connection, lets requests in progress be answered, closes all. Any thread, any
  /// number of times.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
