// SPDX-License-Identifier: Apache-2.0
#include "store/http_client.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/http_server_for_test.h"

namespace canopy {
namespace {

class HttpClientTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("no_proxy", "127.0.0.1", 1); }
  HttpClient client_;
};

TEST_F(HttpClientTest, an_answer_has_status_headers_and_body) {
  HttpServerForTest server([](const RequestForTest& request) {
    return HttpServerForTest::answer(
        203, request.method + " " + request.target, "X-Odd:  Yes \r\n");
  });
  const HttpResponse response = client_.send({.url = server.url() + "/a%3Db?c=d"});
  EXPECT_EQ(response.failure, HttpFailure::None);
  EXPECT_EQ(response.status, 203);
  EXPECT_EQ(response.text(), "GET /a%3Db?c=d");
  EXPECT_THAT(response.header("x-odd"), testing::StartsWith("Yes"));
  EXPECT_EQ(response.header("none"), "");
}

TEST_F(HttpClientTest, a_body_is_sent_whole_with_its_length) {
  std::string seen;
  HttpServerForTest server([&](const RequestForTest& request) {
    seen = request.method + request.body;
    return HttpServerForTest::answer(200, "");
  });
  const std::vector<std::uint8_t> body(300'000, 'x');
  for (const std::string method : {"PUT", "POST"}) {
    EXPECT_EQ(client_.send({.method = method, .url = server.url(), .body = body}).status, 200);
    EXPECT_EQ(seen, method + std::string(300'000, 'x'));
  }
}

TEST_F(HttpClientTest, an_answer_that_is_shorter_than_it_said_is_none) {
  HttpServerForTest server(
      [](const RequestForTest&) { return "HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\nshort"; });
  const HttpResponse response = client_.send({.url = server.url()});
  EXPECT_EQ(response.failure, HttpFailure::Broken);
  EXPECT_EQ(response.status, 0);
  EXPECT_NE(response.what, "");
}

TEST_F(HttpClientTest, what_cannot_work_is_told_from_what_may) {
  EXPECT_EQ(client_.send({.url = "file:///etc/passwd"}).failure, HttpFailure::Hopeless);
  int port;
  {
    port = HttpServerForTest([](const RequestForTest&) { return std::nullopt; }).port();
  }
  EXPECT_EQ(client_.send({.url = "http://127.0.0.1:" + std::to_string(port)}).failure,
            HttpFailure::Unreachable);
  HttpServerForTest resets([](const RequestForTest&) { return std::nullopt; });
  EXPECT_EQ(client_.send({.url = resets.url()}).failure, HttpFailure::Broken);
}

TEST_F(HttpClientTest, an_answer_that_takes_too_long_is_given_up) {
  HttpServerForTest slow([](const RequestForTest&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return HttpServerForTest::answer(200, "");
  });
  EXPECT_EQ(client_.send({.url = slow.url(), .timeout = std::chrono::milliseconds(100)}).failure,
            HttpFailure::Broken);
}

TEST_F(HttpClientTest, callers_share_connections_and_do_not_wait_for_each_other) {
  std::atomic<int> inside = 0, most = 0;
  HttpServerForTest server([&](const RequestForTest&) {
    most = std::max(most.load(), ++inside);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    --inside;
    return HttpServerForTest::answer(200, "");
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(client_.send({.url = server.url()}).status, 200);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(most, 8);
  EXPECT_EQ(client_.peak_in_flight(), 16);
  EXPECT_LE(server.connections(), 20) << "of 80 requests";
}

}  // namespace
}  // namespace canopy
