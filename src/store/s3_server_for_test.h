// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include "store/http_server_for_test.h"
#include "store/s3_client.h"
#include "store/variables_for_test.h"

// A real S3 server (versitygw, its objects in a temporary folder) on a free loopback port, for as
// long as this object lives. Where the program is missing, `tools/bootstrap test` brings it; a test
// without it fails.

namespace canopy {

class S3ServerForTest {
 public:
  static constexpr char kKeyId[] = "canopyroot", kSecret[] = "canopysecret";

  S3ServerForTest() {
    // A proxy that the environment names must not see loopback.
    ::setenv("no_proxy", "127.0.0.1", 1);
    namespace fs = std::filesystem;
    std::string pattern = (fs::temp_directory_path() / "canopy_s3_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    fs::create_directories(folder_ / "data");
    fs::create_directories(folder_ / "iam");
    // Another program may take the port between our look and the server's start.
    for (int attempt = 0; attempt < 5; ++attempt)
      if (start()) return;
    throw std::runtime_error(std::string(CANOPY_S3_SERVER) +
                             " does not start; run 'tools/bootstrap test'");
  }
  ~S3ServerForTest() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  S3ServerForTest(const S3ServerForTest&) = delete;
  S3ServerForTest& operator=(const S3ServerForTest&) = delete;

  int port() const { return port_; }
  std::string url() const { return url_of(port_); }
  static std::string url_of(int port) { return "http://127.0.0.1:" + std::to_string(port); }

  /// What points a client at the server, or at a proxy before it.
  VariablesForTest environment(int port) const {
    return {{"AWS_ENDPOINT_URL_S3", url_of(port)},
            {"AWS_ACCESS_KEY_ID", kKeyId},
            {"AWS_SECRET_ACCESS_KEY", kSecret},
            {"AWS_REGION", "us-east-1"}};
  }
  VariablesForTest environment() const { return environment(port_); }

  void make_bucket(const std::string& name) const {
    S3Client client({name, ""}, {.variables = variables_of(environment())});
    S3Request request;
    request.method = "PUT";
    const S3Reply reply = client.send(request);
    if (!reply.ok()) throw client.error_of(reply, name);
  }

  /// The bucket's objects as files.
  std::filesystem::path folder_of(const std::string& bucket) const {
    return folder_ / "data" / bucket;
  }

 private:
  bool start() {
    {
      const HttpServerForTest anything([](const RequestForTest&) { return std::nullopt; });
      port_ = anything.port();
    }
    const std::string address = "127.0.0.1:" + std::to_string(port_),
                      iam = (folder_ / "iam").string(), data = (folder_ / "data").string();
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::setenv("ROOT_ACCESS_KEY", kKeyId, 1);
      ::setenv("ROOT_SECRET_KEY", kSecret, 1);
      const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(log, 1);
      ::dup2(log, 2);
      ::execl(CANOPY_S3_SERVER,
              CANOPY_S3_SERVER,
              "--port",
              address.c_str(),
              "--iam-dir",
              iam.c_str(),
              "--health",
              "/healthz",
              "--keep-alive",
              "--quiet",
              "posix",
              data.c_str(),
              nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 600; ++i) {
      int status = 0;
      if (::waitpid(child_, &status, WNOHANG) == child_) {
        child_ = -1;
        return false;
      }
      if (is_healthy()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    stop();
    return false;
  }

  bool is_healthy() const {
    RequestForTest request;
    request.method = "GET";
    request.raw = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    return HttpServerForTest::forward(request, port_).value_or("").rfind("HTTP/1.1 200", 0) == 0;
  }

  void stop() {
    if (child_ <= 0) return;
    ::kill(child_, SIGTERM);
    for (int i = 0; i < 100; ++i) {
      if (::waitpid(child_, nullptr, WNOHANG) == child_) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

  std::filesystem::path folder_;
  pid_t child_ = -1;
  int port_ = 0;
};

}  // namespace canopy
