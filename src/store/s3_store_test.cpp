// SPDX-License-Identifier: Apache-2.0
#include "store/s3_store.h"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/interrupt.h"
#include "store/s3_server_for_test.h"

namespace canopy {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

S3ServerForTest& server() {
  static S3ServerForTest server;
  return server;
}

/// Each test has a bucket of its own.
std::string new_bucket() {
  static std::atomic<int> count = 0;
  const std::string name = "bucket-" + std::to_string(++count);
  server().make_bucket(name);
  return name;
}

std::unique_ptr<S3Store> open(const std::string& url,
                              const VariablesForTest& variables = server().environment(),
                              RetryPolicy retry = {}) {
  return std::make_unique<S3Store>(parse_s3_address(url),
                                   S3Options{.variables = variables_of(variables),
                                             .retry = retry,
                                             .stall_timeout = std::chrono::seconds(2)});
}

/// Fast, so that a test that exhausts it does not wait.
constexpr RetryPolicy kHasty{
    .attempts = 10, .first_attempts = 4, .base = milliseconds(1), .cap = milliseconds(20)};

template <class Call>
std::pair<Fault, std::string> failure_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.fault(), error.what()};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Fault::Bug, ""};
}

TEST(S3Store, addresses_are_s3_addresses_and_keys_lie_below_the_prefix) {
  const std::string bucket = new_bucket();
  const auto store = open("s3://" + bucket + "/dt=2026/x");
  EXPECT_EQ(store->address_of("ab/c=1"), "s3://" + bucket + "/dt=2026/x/ab/c=1");
  EXPECT_TRUE(store->put_if_absent("ab/c=1", Bytes{7}));
  EXPECT_TRUE(std::filesystem::exists(server().folder_of(bucket) / "dt=2026/x/ab/c=1"));
  EXPECT_EQ(store->get("ab/c=1"), Bytes{7});
}

TEST(S3Store, the_address_alone_chooses_it) {
  for (const auto& [name, value] : server().environment()) ::setenv(name.c_str(), value.c_str(), 1);
  const auto store = open_blob_store("s3://" + new_bucket() + "/a");
  EXPECT_TRUE(store->put_if_absent("x", Bytes{1}));
  EXPECT_GT(store->reads_in_flight(), 2);
}

TEST(S3Store, a_listing_longer_than_a_page_is_whole_and_in_order) {
  const auto store = open("s3://" + new_bucket());
  std::vector<std::string> names;
  for (int i = 0; i < 1'203; ++i) names.push_back("a/" + std::to_string(10'000 + i));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < names.size(); i += 8) store->put_if_absent(names[i], Bytes(1));
    });
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> listed;
  store->list("a/", [&](const std::string& name, std::int64_t) { listed.push_back(name); });
  EXPECT_EQ(listed, names);
}

TEST(S3Store, a_listing_that_cannot_be_relied_on_is_refused) {
  std::string page;
  HttpServerForTest odd(
      [&](const RequestForTest&) { return HttpServerForTest::answer(200, page); });
  const auto store = open("s3://abc", server().environment(odd.port()));
  const auto item = [](const std::string& key, const std::string& size) {
    return "<Contents><Key>" + key + "</Key><Size>" + size + "</Size></Contents>";
  };
  const auto refused = [&](const std::string& items, const std::string& words) {
    page = "<ListBucketResult>" + items + "</ListBucketResult>";
    const auto failure = failure_of([&] { store->list("", [](auto&, auto) {}); });
    EXPECT_EQ(failure.first, Fault::Environment);
    EXPECT_THAT(failure.second, HasSubstr(words));
  };
  refused(item("b", "1") + item("a", "1"), "lists 'a' after 'b', out of order");
  refused(item("a", "many"), "gives the size 'many'");
  refused("<IsTruncated>true</IsTruncated>", "breaks off without a continuation");
  page = "<Other/>";
  EXPECT_THAT(failure_of([&] { store->list("", [](auto&, auto) {}); }).second,
              HasSubstr("is not what S3 sends"));
}

TEST(S3Store, of_eight_threads_that_put_one_name_exactly_one_makes_it) {
  const auto store = open("s3://" + new_bucket());
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> made = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        made += store->put_if_absent("one/" + std::to_string(round),
                                     Bytes(1000, static_cast<std::uint8_t>(t)));
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
  }
}

TEST(S3Store, a_server_that_fails_every_tenth_request_loses_nothing) {
  const std::string bucket = new_bucket();
  std::atomic<int> count = 0, failed = 0;
  HttpServerForTest proxy([&](const RequestForTest& request) -> std::optional<std::string> {
    const int n = ++count;
    if (n % 10 != 0) return HttpServerForTest::forward(request, server().port());
    ++failed;
    switch (n / 10 % 4) {
      case 0:
        return HttpServerForTest::answer(
            503, "<Error><Code>SlowDown</Code><Message>slow</Message></Error>");
      case 1:
        return std::nullopt;
      case 2:  // done, but nobody hears of it
        HttpServerForTest::forward(request, server().port());
        return std::nullopt;
      default: {  // cut short: by half the body where there is one
        std::string whole = HttpServerForTest::forward(request, server().port()).value_or("");
        return whole.substr(0, whole.size() - std::min<std::size_t>(whole.size(), 50));
      }
    }
  });
  const auto store = open("s3://" + bucket, server().environment(proxy.port()), kHasty);
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = t; i < 200; i += 8) {
        const std::string name = "n" + std::to_string(i);
        made += store->put_if_absent(name, Bytes(5'000, static_cast<std::uint8_t>(i)));
        EXPECT_FALSE(store->put_if_absent(name, Bytes(1)));
        EXPECT_EQ(store->get(name), Bytes(5'000, static_cast<std::uint8_t>(i)));
        EXPECT_EQ(store->size(name), 5'000);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 200) << "a put that was repeated must know its own blob";
  EXPECT_GE(failed, 80);
}

TEST(S3Store, reads_in_flight_hide_the_way_to_the_server) {
  const std::string bucket = new_bucket();
  HttpServerForTest proxy([&](const RequestForTest& request) {
    std::this_thread::sleep_for(milliseconds(50));
    return HttpServerForTest::forward(request, server().port());
  });
  const auto store = open("s3://" + bucket, server().environment(proxy.port()));
  store->put_if_absent("tile", Bytes(20'000, 1));
  const auto seconds_of = [&](int threads_count, int reads) {
    const auto started = std::chrono::steady_clock::now();
    std::atomic<int> left = reads;
    std::vector<std::thread> threads;
    for (int t = 0; t < threads_count; ++t)
      threads.emplace_back([&] {
        while (left-- > 0) EXPECT_EQ(store->get("tile").size(), 20'000U);
      });
    for (std::thread& thread : threads) thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() /
           reads;
  };
  const double alone = seconds_of(1, 10), together = seconds_of(32, 320);
  RecordProperty("speed_up", std::to_string(alone / together));
  std::printf("one read %.1f ms, 32 in flight %.2f ms each: %.1f times as fast\n",
              alone * 1e3,
              together * 1e3,
              alone / together);
  EXPECT_GT(alone, 0.05);
  EXPECT_GT(alone / together, 4) << "31 times as fast on an idle machine";
  EXPECT_EQ(store->peak_in_flight(), 32);
  EXPECT_LE(proxy.connections(), 34) << "connections are kept";
}

TEST(S3Store, a_wrong_secret_is_told_as_such) {
  VariablesForTest variables = server().environment();
  variables["AWS_SECRET_ACCESS_KEY"] = "wrong";
  const auto store = open("s3://" + new_bucket(), variables);
  const auto say = AllOf(HasSubstr("HTTP 403 SignatureDoesNotMatch"),
                         HasSubstr("mend AWS_SECRET_ACCESS_KEY"),
                         HasSubstr("the environment"));
  for (const auto& [fault, text] : {failure_of([&] { store->get("a"); }),
                                    failure_of([&] { store->put_if_absent("a", Bytes{1}); }),
                                    failure_of([&] { store->size("a"); }),
                                    failure_of([&] { store->remove("a"); }),
                                    failure_of([&] { store->list("", [](auto&, auto) {}); })}) {
    EXPECT_EQ(fault, Fault::Environment);
    EXPECT_THAT(text, say);
  }
}

TEST(S3Store, an_unknown_key_id_is_told_as_such) {
  VariablesForTest variables = server().environment();
  variables["AWS_ACCESS_KEY_ID"] = "nobody";
  const auto store = open("s3://" + new_bucket(), variables);
  EXPECT_THAT(failure_of([&] { store->get("a"); }).second,
              AllOf(HasSubstr("HTTP 403 InvalidAccessKeyId"), HasSubstr("mend AWS_ACCESS_KEY_ID")));
}

TEST(S3Store, a_missing_bucket_is_no_empty_store) {
  const auto say =
      AllOf(HasSubstr("there is no bucket 'nowhere'"), HasSubstr("aws s3 mb s3://nowhere"));
  for (const auto& call : std::vector<std::function<void(S3Store&)>>{
           [](S3Store& store) { store.get("a"); },
           [](S3Store& store) { store.size("a"); },
           [](S3Store& store) { store.put_if_absent("a", Bytes{1}); },
           [](S3Store& store) { store.remove("a"); },
           [](S3Store& store) { store.list("", [](auto&, auto) {}); }}) {
    const auto store = open("s3://nowhere/x");
    const auto [fault, text] = failure_of([&] { call(*store); });
    EXPECT_EQ(fault, Fault::NotFound);
    EXPECT_THAT(text, say);
  }
}

TEST(S3Store, a_wrong_region_is_told_with_the_right_one) {
  VariablesForTest variables = server().environment();
  variables["AWS_REGION"] = "eu-west-1";
  const auto store = open("s3://" + new_bucket(), variables);
  for (const auto& [fault, text] :
       {failure_of([&] { store->get("a"); }), failure_of([&] { store->size("a"); })}) {
    EXPECT_EQ(fault, Fault::User);
    EXPECT_THAT(text, AllOf(HasSubstr("not in region 'eu-west-1'"), HasSubstr("set AWS_REGION")));
  }
}

TEST(S3Store, a_redirect_to_another_region_names_it) {
  HttpServerForTest amazon([](const RequestForTest&) {
    return HttpServerForTest::answer(301,
                                     "<Error><Code>PermanentRedirect</Code></Error>",
                                     "x-amz-bucket-region: af-south-1\r\n");
  });
  const auto store = open("s3://abc", server().environment(amazon.port()));
  EXPECT_THAT(failure_of([&] { store->get("a"); }).second,
              HasSubstr("but in 'af-south-1'; set AWS_REGION=af-south-1"));
}

TEST(S3Store, a_server_that_cannot_put_if_absent_is_refused) {
  HttpServerForTest old([](const RequestForTest&) {
    return HttpServerForTest::answer(501, "<Error><Code>NotImplemented</Code></Error>");
  });
  const auto store = open("s3://abc", server().environment(old.port()));
  EXPECT_THAT(failure_of([&] { store->put_if_absent("a", Bytes{1}); }).second,
              HasSubstr("If-None-Match"));
}

TEST(S3Store, a_server_that_stays_out_of_order_is_given_up_after_the_stated_attempts) {
  std::atomic<bool> is_well = true;
  HttpServerForTest ill([&](const RequestForTest&) {
    return is_well ? HttpServerForTest::answer(200, "x") : HttpServerForTest::answer(503, "");
  });
  const auto store = open("s3://abc", server().environment(ill.port()), kHasty);
  EXPECT_EQ(store->get("a"), Bytes{'x'});
  is_well = false;
  const auto [fault, text] = failure_of([&] { store->get("a"); });
  EXPECT_EQ(fault, Fault::Environment);
  EXPECT_THAT(text, AllOf(HasSubstr("HTTP 503"), HasSubstr("after 10 attempts")));
  EXPECT_EQ(ill.requests(), 11);
}

TEST(S3Store, a_server_that_is_not_there_is_told_soon) {
  int port;
  {
    port = HttpServerForTest([](const RequestForTest&) { return std::nullopt; }).port();
  }
  const auto store = open("s3://abc", server().environment(port));
  const auto [fault, text] = failure_of([&] { store->get("a"); });
  EXPECT_EQ(fault, Fault::Environment);
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("127.0.0.1:" + std::to_string(port) + " cannot be reached after 4 attempts"),
            HasSubstr("check the network and AWS_ENDPOINT_URL_S3")));
}

TEST(S3Store, an_answer_that_never_comes_is_given_up) {
  HttpServerForTest mute([](const RequestForTest& request) {
    std::this_thread::sleep_for(milliseconds(2'500));
    return HttpServerForTest::forward(request, 1);
  });
  const auto store =
      open("s3://abc", server().environment(mute.port()), {.attempts = 1, .first_attempts = 1});
  EXPECT_THAT(failure_of([&] { store->get("a"); }).second, HasSubstr("gives no whole answer"));
}

TEST(S3Store, a_request_to_stop_ends_the_waiting) {
  HttpServerForTest ill([&](const RequestForTest&) { return HttpServerForTest::answer(503, ""); });
  const auto store =
      open("s3://abc", server().environment(ill.port()), {.base = milliseconds(60'000)});
  set_interrupted(SIGINT);
  EXPECT_THAT(failure_of([&] { store->get("a"); }).second, HasSubstr("stopped while waiting"));
  set_interrupted(0);
}

TEST(S3Store, a_session_token_travels_signed) {
  std::string seen, signed_headers;
  HttpServerForTest amazon([&](const RequestForTest& request) {
    seen = request.headers.count("x-amz-security-token")
               ? request.headers.at("x-amz-security-token")
               : "";
    signed_headers = request.headers.at("authorization");
    return HttpServerForTest::answer(200, "x");
  });
  VariablesForTest variables = server().environment(amazon.port());
  variables["AWS_SESSION_TOKEN"] = "token/of+a=session==";
  open("s3://abc", variables)->get("a");
  EXPECT_EQ(seen, "token/of+a=session==");
  EXPECT_THAT(signed_headers, HasSubstr("x-amz-security-token"));
}

TEST(S3Store, credentials_that_expired_are_fetched_anew_once) {
  std::atomic<int> looks = 0;
  HttpServerForTest container([&](const RequestForTest&) {
    const std::string id = "id" + std::to_string(++looks);
    return HttpServerForTest::answer(
        200,
        R"({"AccessKeyId":")" + id +
            R"(","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"})");
  });
  HttpServerForTest amazon([](const RequestForTest& request) {
    return request.headers.at("authorization").find("id1/") != std::string::npos
               ? HttpServerForTest::answer(400, "<Error><Code>ExpiredToken</Code></Error>")
               : HttpServerForTest::answer(200, "x");
  });
  const auto store = open("s3://abc",
                          {{"AWS_ENDPOINT_URL_S3", amazon.url()},
                           {"AWS_REGION", "us-east-1"},
                           {"AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/c"}});
  EXPECT_EQ(store->get("a"), Bytes{'x'});
  EXPECT_EQ(looks, 2);
}

TEST(S3Store, a_prefix_that_could_lead_outside_is_refused) {
  EXPECT_EQ(failure_of([&] { open("s3://abc/../b"); }).first, Fault::User);
  EXPECT_EQ(failure_of([&] { open("s3://abc/a b"); }).first, Fault::User);
}

TEST(S3Store, a_name_that_with_its_prefix_is_no_key_is_refused) {
  const std::string part(199, 'p');
  const auto store = open("s3://abc/" + part + "/" + part + "/" + part + "/" + part);
  EXPECT_EQ(failure_of([&] { store->get(part + "/" + part); }).first, Fault::User);
}

}  // namespace
}  // namespace canopy
