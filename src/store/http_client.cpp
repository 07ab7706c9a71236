// SPDX-License-Identifier: Apache-2.0
#include "store/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/threads.h"

namespace canopy {
namespace {

/// A Content-Length is a promise: no more than this is set aside before bytes have come.
constexpr curl_off_t kMostSetAside = 64 << 20;

struct Transfer {
  explicit Transfer(const HttpRequest& request_) : request(request_) {}
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  const HttpRequest& request;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::size_t sent = 0;
  char error[CURL_ERROR_SIZE] = {};
  HttpResponse response;
  std::mutex mutex;
  std::condition_variable done_changed;
  bool is_done = false;
};

// libcurl calls these; nothing may be thrown through it.

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    std::vector<std::uint8_t>& body = transfer.response.body;
    curl_off_t length = -1;
    if (body.empty() && transfer.request.method != "HEAD" &&
        curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK &&
        length > 0)
      body.reserve(static_cast<std::size_t>(std::min(length, kMostSetAside)));
    body.insert(body.end(), bytes, bytes + count);
    return count;
  } catch (...) {
    return 0;
  }
}

std::size_t give_body(char* bytes, std::size_t, std::size_t room, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t count = std::min(room, transfer.request.body.size() - transfer.sent);
  if (count > 0) std::memcpy(bytes, transfer.request.body.data() + transfer.sent, count);
  transfer.sent += count;
  return count;
}

/// A kept connection may turn out to be closed by the other side: libcurl then begins again.
int seek_body(void* user, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (origin != SEEK_SET || offset < 0 || offset > std::ssize(transfer.request.body))
    return CURL_SEEKFUNC_FAIL;
  transfer.sent = static_cast<std::size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    std::string line(bytes, count);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.pop_back();
    if (line.rfind("HTTP/", 0) == 0) transfer.response.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) return count;
    std::string name = line.substr(0, colon);
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    transfer.response.headers[name] = begin == std::string::npos ? "" : line.substr(begin);
    return count;
  } catch (...) {
    return 0;
  }
}

HttpFailure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return HttpFailure::None;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return HttpFailure::Unreachable;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_AGAIN:
      return HttpFailure::Broken;
    default:
      return HttpFailure::Hopeless;
  }
}

void set_method(Transfer& transfer) {
  CURL* const easy = transfer.easy;
  const HttpRequest& request = transfer.request;
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  if (request.method == "POST" || request.method == "DELETE")
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_up(Transfer& transfer) {
  CURL* const easy = transfer.easy;
  const HttpRequest& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "canopy");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, long{request.connect_timeout.count()});
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, long{request.stall_timeout.count()});
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, long{request.timeout.count()});
  if (!request.may_use_proxy) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  set_method(transfer);
  for (const std::string& header : request.headers)
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  // Without it libcurl asks "may I?" before a body and waits a second for servers that keep silent.
  transfer.headers = curl_slist_append(transfer.headers, "Expect:");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  if (!request.sign) return;
  const std::string scope = "aws:amz:" + request.sign->region + ":s3";
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, scope.c_str());
  curl_easy_setopt(easy, CURLOPT_USERNAME, request.sign->access_key_id.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, request.sign->secret_access_key.c_str());
}

/// The answer as the caller gets it. libcurl holds the body against Content-Length; so do we.
void conclude(Transfer& transfer, CURLcode code) {
  HttpResponse& response = transfer.response;
  long status = 0;
  curl_off_t length = -1;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  response.failure = failure_of(code);
  response.what = transfer.error[0] != 0 ? transfer.error : curl_easy_strerror(code);
  const bool is_short = code == CURLE_OK && transfer.request.method != "HEAD" && length >= 0 &&
                        length != std::ssize(response.body);
  if (is_short) {
    response.failure = HttpFailure::Broken;
    response.what = "the answer has " + std::to_string(response.body.size()) + " bytes, not the " +
                    std::to_string(length) + " that it promised";
  }
  if (response.failure == HttpFailure::None) {
    response.status = static_cast<int>(status);
    response.what.clear();
  }
}

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

struct HttpClient::Impl {
  CURLM* multi = nullptr;
  std::mutex mutex;
  std::deque<Transfer*> waiting;  ///< for the thread to take up
  bool is_closing = false;
  std::atomic<int> peak = 0;
  int in_flight = 0;  ///< the thread's own
  std::thread thread;

  void finish(Transfer& transfer, CURLcode code) {
    conclude(transfer, code);
    // Notified under the lock: the waiter destroys the transfer as soon as it can have it.
    std::lock_guard lock(transfer.mutex);
    transfer.is_done = true;
    transfer.done_changed.notify_one();
  }

  void take_up() {
    std::deque<Transfer*> fresh;
    {
      std::lock_guard lock(mutex);
      fresh.swap(waiting);
    }
    for (Transfer* transfer : fresh) {
      if (curl_multi_add_handle(multi, transfer->easy) != CURLM_OK) {
        finish(*transfer, CURLE_FAILED_INIT);
        continue;
      }
      peak = std::max(peak.load(), ++in_flight);
    }
  }

  void run() {
    name_this_thread("http");
    for (;;) {
      {
        std::lock_guard lock(mutex);
        if (is_closing) return;
      }
      take_up();
      int running = 0, left = 0;
      curl_multi_perform(multi, &running);
      while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        CURL* const easy = message->easy_handle;
        Transfer* transfer = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
        curl_multi_remove_handle(multi, easy);
        --in_flight;
        finish(*transfer, code);
      }
      curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
  }
};

HttpClient::HttpClient(int max_connections) : impl_(std::make_unique<Impl>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  impl_->multi = curl_multi_init();
  if (impl_->multi == nullptr) throw Error(Fault::Environment, "libcurl cannot start");
  curl_multi_setopt(impl_->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, long{max_connections});
  curl_multi_setopt(impl_->multi, CURLMOPT_MAXCONNECTS, long{max_connections});
  impl_->thread = std::thread([this] { impl_->run(); });
}

HttpClient::~HttpClient() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->is_closing = true;
  }
  curl_multi_wakeup(impl_->multi);
  impl_->thread.join();
  curl_multi_cleanup(impl_->multi);
}

HttpResponse HttpClient::send(const HttpRequest& request) {
  Transfer transfer(request);
  transfer.easy = curl_easy_init();
  if (transfer.easy == nullptr) throw Error(Fault::Environment, "libcurl is out of memory");
  set_up(transfer);
  {
    std::lock_guard lock(impl_->mutex);
    impl_->waiting.push_back(&transfer);
  }
  curl_multi_wakeup(impl_->multi);
  std::unique_lock lock(transfer.mutex);
  transfer.done_changed.wait(lock, [&] { return transfer.is_done; });
  return std::move(transfer.response);
}

int HttpClient::peak_in_flight() const { return impl_->peak; }

}  // namespace canopy
