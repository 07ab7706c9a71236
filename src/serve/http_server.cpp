// SPDX-License-Identifier: Apache-2.0
#include "serve/http_server.h"

// Before any asio header: Boost 1.74 uses std::exchange without it.
#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/threads.h"
#include "serve/open_file.h"
#include "serve/response_head.h"

namespace canopy {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;
using Strand = net::strand<net::io_context::executor_type>;

constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;

int status_of(const error_code& failure) {
  if (failure == http::error::header_limit) return 431;
  if (failure == http::error::body_limit) return 413;
  if (failure == beast::error::timeout) return 408;
  return 400;
}

const char* detail_of(int status) {
  switch (status) {
    case 431:
      return "the headers are too large";
    case 413:
      return "the body is too large";
    case 408:
      return "the request took too long to arrive";
    default:
      return "this is not a request of HTTP/1.1";
  }
}

net::awaitable<Response> answer(const Handler& handler, const Request& request) {
  try {
    co_return handler(request);
  } catch (const Error& error) {
    co_return problem_of(error);
  } catch (const std::exception& error) {
    co_return problem_of(Error(Fault::Bug, error.what()));
  }
}

}  // namespace

struct HttpServer::Impl {
  class Session;

  Impl(const HttpServerOptions& options, Handler handler_, const HttpLimits& limits_);
  net::awaitable<void> accept();
  void stop();
  int sessions_open() {
    std::lock_guard lock(mutex);
    return static_cast<int>(sessions.size());
  }

  const Handler handler;
  const HttpLimits limits;
  net::io_context network;
  net::thread_pool workers;
  tcp::acceptor acceptor;
  tcp::endpoint endpoint;
  std::atomic<bool> stopping = false;
  std::mutex stop_mutex;
  std::mutex mutex;
  std::condition_variable session_ended;
  std::set<std::shared_ptr<Session>> sessions;
  std::vector<std::jthread> threads;
};

/// One connection. Everything of it runs on its own strand.
class HttpServer::Impl::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Impl& server, tcp::socket socket, bool is_refused)
      : server_(server), stream_(std::move(socket)), is_refused_(is_refused) {}

  auto executor() { return stream_.get_executor(); }

  net::awaitable<void> run() {
    try {
      if (is_refused_) {
        const Response busy =
            problem(503, "too many connections; try again soon").with("Retry-After", "1");
        co_await write(busy, false, false);
        co_await linger();
      } else {
        while (co_await serve_one()) {
        }
      }
    } catch (const std::exception& error) {
      log(LogLevel::Warning, std::string("a connection ended: ") + error.what());
    }
    error_code ignored;
    stream_.socket().close(ignored);
  }

  /// From any thread: closes the connection unless a request is in progress.
  void close_when_idle() {
    net::post(executor(), [self = shared_from_this()] {
      if (self->is_idle_) self->stream_.close();
    });
  }
  void close_now() {
    net::post(executor(), [self = shared_from_this()] { self->stream_.close(); });
  }

 private:
  net::awaitable<bool> serve_one() {
    error_code failure;
    if (buffer_.size() == 0) {
      is_idle_ = true;
      if (server_.stopping) co_return false;
      stream_.expires_after(server_.limits.idle);
      const auto got = co_await stream_.async_read_some(
          buffer_.prepare(4096), net::redirect_error(net::use_awaitable, failure));
      is_idle_ = false;
      if (failure) co_return false;
      buffer_.commit(got);
    }
    http::request_parser<http::string_body> parser;
    parser.header_limit(server_.limits.header_bytes);
    parser.body_limit(server_.limits.body_bytes);
    stream_.expires_after(server_.limits.header);
    co_await http::async_read(
        stream_, buffer_, parser, net::redirect_error(net::use_awaitable, failure));
    if (failure == http::error::end_of_stream || failure == net::error::connection_reset)
      co_return false;
    if (failure) {
      const int status = status_of(failure);
      if (status == 408) co_return false;  // Beast has closed the socket
      const Response refusal = problem(status, detail_of(status));
      co_await write(refusal, false, false);
      co_await linger();
      co_return false;
    }
    const bool keep_alive = parser.get().keep_alive() && !server_.stopping;
    const bool is_head = parser.get().method() == http::verb::head;
    const Response response = co_await respond(parser.release());
    const bool sent = co_await write(response, keep_alive, is_head);
    co_return sent&& keep_alive;
  }

  net::awaitable<Response> respond(http::request<http::string_body> message) {
    Request request;
    request.method = std::string(message.method_string());
    for (const auto& field : message) {
      std::string name(field.name_string());
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
      });
      auto& value = request.headers[name];
      if (!value.empty()) value += ", ";
      value += std::string(field.value());
    }
    request.body = std::move(message.body());
    if (!is_loopback_name(request.header("host")))
      co_return problem(message.count(http::field::host) == 0 ? 400 : 421,
                        "this server answers to the names of its own machine only");
    auto target = parse_target({message.target().data(), message.target().size()});
    if (!target) co_return problem(400, "the request's target is malformed");
    request.target = std::move(*target);
    co_return co_await net::co_spawn(
        server_.workers.get_executor(), answer(server_.handler, request), net::use_awaitable);
  }

  net::awaitable<bool> write(const Response& response, bool keep_alive, bool is_head) {
    const std::string head = response_head(response, keep_alive);
    const auto size = is_head || response.status == 304 ? 0 : response.body_size();
    const auto* part = std::get_if<FilePart>(&response.body);
    std::string_view text;
    if (const auto* own = std::get_if<std::string>(&response.body)) text = *own;
    if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response.body))
      text = **shared;
    std::vector<char> piece(part ? std::min<std::uint64_t>(size, kPieceBytes) : 0);

    error_code failure;
    std::uint64_t sent = 0;
    do {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(size - sent, kPieceBytes));
      net::const_buffer bytes;
      if (part && count > 0) {
        // The status is out already, so a failed read can only cut the connection: the exception
        // does that.
        part->file->read(part->offset + sent, {piece.data(), count});
        bytes = net::buffer(piece.data(), count);
      } else if (count > 0) {
        bytes = net::buffer(text.data() + sent, count);
      }
      const std::array<net::const_buffer, 2> buffers = {
          sent == 0 ? net::buffer(head) : net::const_buffer(), bytes};
      stream_.expires_after(server_.limits.write);
      co_await net::async_write(stream_, buffers, net::redirect_error(net::use_awaitable, failure));
      sent += count;
    } while (!failure && sent < size);
    co_return !failure;
  }

  // After an early refusal the client may still be sending; closing at once would reset the
  // connection and could lose the answer, so what comes is read away for a moment.
  net::awaitable<void> linger() {
    error_code failure;
    stream_.socket().shutdown(tcp::socket::shutdown_send, failure);
    std::vector<char> waste(std::size_t{16} * 1024);
    stream_.expires_after(std::chrono::milliseconds(500));
    for (int i = 0; i < 64 && !failure; ++i)
      co_await stream_.async_read_some(net::buffer(waste),
                                       net::redirect_error(net::use_awaitable, failure));
  }

  Impl& server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  const bool is_refused_;
  bool is_idle_ = false;
};

HttpServer::Impl::Impl(const HttpServerOptions& options,
                       Handler handler_,
                       const HttpLimits& limits_)
    : handler(std::move(handler_)),
      limits(limits_),
      workers(static_cast<std::size_t>(options.threads > 0 ? options.threads
                                                           : std::max(2, available_cores()))),
      acceptor(network) {
  options.validate();
  const std::string where = options.host + ":" + std::to_string(options.port);
  error_code failure;
  const auto address =
      net::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, failure);
  check(!failure, "a validated host is an address");
  endpoint = tcp::endpoint(address, static_cast<std::uint16_t>(options.port));
  const auto must = [&] {
    if (failure)
      throw Error(Fault::Environment,
                  "cannot listen on " + where + ": " + failure.message() +
                      "; choose another --port (0: any free one)");
  };
  acceptor.open(endpoint.protocol(), failure), must();
  acceptor.set_option(net::socket_base::reuse_address(true), failure), must();
  acceptor.bind(endpoint, failure), must();
  acceptor.listen(net::socket_base::max_listen_connections, failure), must();
  endpoint = acceptor.local_endpoint();
  net::co_spawn(network, accept(), net::detached);
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([this] {
      name_this_thread("http");
      network.run();
    });
}

net::awaitable<void> HttpServer::Impl::accept() {
  while (!stopping) {
    error_code failure;
    tcp::socket socket(net::make_strand(network));
    co_await acceptor.async_accept(socket, net::redirect_error(net::use_awaitable, failure));
    if (stopping || failure == net::error::operation_aborted) co_return;
    if (failure) {
      // Out of file descriptors, say: wait for some to come back instead of spinning.
      net::steady_timer pause(network, std::chrono::milliseconds(100));
      co_await pause.async_wait(net::redirect_error(net::use_awaitable, failure));
      continue;
    }
    socket.set_option(tcp::no_delay(true), failure);
    const int open = sessions_open();
    if (open >= 2 * limits.connections) continue;  // even refusals have a limit: the socket closes
    auto session = std::make_shared<Session>(*this, std::move(socket), open >= limits.connections);
    {
      std::lock_guard lock(mutex);
      sessions.insert(session);
    }
    net::co_spawn(
        session->executor(),
        [session] { return session->run(); },
        [this, session](const std::exception_ptr&) {
          std::lock_guard lock(mutex);
          sessions.erase(session);
          session_ended.notify_all();
        });
  }
}

void HttpServer::Impl::stop() {
  std::lock_guard once(stop_mutex);
  if (threads.empty()) return;
  stopping = true;
  net::post(network, [this] {
    error_code ignored;
    acceptor.close(ignored);
  });
  {
    std::unique_lock lock(mutex);
    for (const auto& session : sessions) session->close_when_idle();
    if (!session_ended.wait_for(lock, limits.drain, [&] { return sessions.empty(); })) {
      for (const auto& session : sessions) session->close_now();
      session_ended.wait_for(lock, std::chrono::seconds(1), [&] { return sessions.empty(); });
    }
  }
  workers.join();  // handlers still running refer to us
  network.stop();
  threads.clear();
}

void HttpServerOptions::validate() const {
  require(port >= 0 && port <= 65535, "port " + std::to_string(port) + " must be from 0 to 65535");
  require(threads >= 0 && threads <= 1024,
          "threads " + std::to_string(threads) + " must be from 0 to 1024");
  require(
      host == "localhost" || host == "127.0.0.1" || host == "::1",
      "host '" + host +
          "' would let others in, and there are no access tokens yet; use 127.0.0.1, and reach it "
          "from another machine through ssh -L");
}

HttpServer::HttpServer(const HttpServerOptions& options, Handler handler, const HttpLimits& limits)
    : impl_(std::make_unique<Impl>(options, std::move(handler), limits)) {}
HttpServer::~HttpServer() { stop(); }

int HttpServer::port() const { return impl_->endpoint.port(); }

std::string HttpServer::url() const {
  const auto address = impl_->endpoint.address();
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return "http://" + host + ":" + std::to_string(port());
}

void HttpServer::wait(const std::stop_token& stop) const {
  while (!stop.stop_requested() && !interrupted())
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

void HttpServer::stop() { impl_->stop(); }

}  // namespace canopy
