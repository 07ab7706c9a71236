// SPDX-License-Identifier: Apache-2.0
#include "registry/outbox.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/own_path_for_test.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::ElementsAre;

class OutboxTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  /// Delivers everything, but for what `reception` throws.
  void deliver(
      const std::function<void(int)>& reception = [](int) {},
      milliseconds budget = milliseconds(5000)) {
    outbox_.deliver({{"post",
                      [&](const auto& message) {
                        reception(message.at("n"));
                        received_.push_back(message.at("n"));
                      }}},
                    budget);
  }
  void put(int n) { outbox_.put("post", {{"n", n}}); }

  const fs::path folder_ = own_path("outbox");
  Outbox outbox_{folder_};
  std::vector<int> received_;
};

TEST_F(OutboxTest, messages_arrive_in_their_order_and_are_gone) {
  for (int n = 0; n < 20; ++n) put(n);
  EXPECT_EQ(outbox_.waiting("post"), 20);
  deliver();
  ASSERT_EQ(received_.size(), 20u);
  EXPECT_TRUE(std::ranges::is_sorted(received_));
  EXPECT_EQ(outbox_.waiting("post"), 0);
}

TEST_F(OutboxTest, what_cannot_be_delivered_now_waits_and_the_rest_behind_it) {
  for (int n = 0; n < 3; ++n) put(n);
  deliver([](int n) {
    if (n == 1) throw Error(Fault::Environment, "nobody answers");
  });
  EXPECT_THAT(received_, ElementsAre(0));
  EXPECT_EQ(outbox_.waiting("post"), 2);
  put(3);
  deliver();
  EXPECT_THAT(received_, ElementsAre(0, 1, 2, 3)) << "by a later command";
}

TEST_F(OutboxTest, what_will_never_be_taken_is_laid_aside) {
  for (int n = 0; n < 3; ++n) put(n);
  deliver([](int n) {
    if (n == 1) throw Error(Fault::User, "bad request");
  });
  EXPECT_THAT(received_, ElementsAre(0, 2));
  EXPECT_EQ(outbox_.waiting("post"), 0);
  const fs::directory_iterator refused(folder_ / "post/refused");
  EXPECT_EQ(nlohmann::json::parse(read_file(refused->path())).at("n"), 1);
}

TEST_F(OutboxTest, a_slow_server_takes_no_more_than_the_budget) {
  for (int n = 0; n < 50; ++n) put(n);
  const auto begin = std::chrono::steady_clock::now();
  deliver([](int) { std::this_thread::sleep_for(milliseconds(30)); }, milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1000));
  EXPECT_GT(outbox_.waiting("post"), 30);
}

TEST_F(OutboxTest, while_one_delivers_another_leaves_it_to_that_one) {
  put(1);
  int seen_by_the_other = 0;
  deliver([&](int) {
    Outbox(folder_).deliver({{"post", [&](const auto&) { ++seen_by_the_other; }}},
                            milliseconds(1000));
  });
  EXPECT_EQ(seen_by_the_other, 0);
  EXPECT_THAT(received_, ElementsAre(1));
}

TEST_F(OutboxTest, nothing_is_made_where_nothing_is_to_be_told) {
  deliver();
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(OutboxTest, a_damaged_message_is_laid_aside) {
  put(1);
  write_file(folder_ / "other/0.json", "{");
  std::vector<int> received;
  outbox_.deliver({{"other", [](const auto&) { FAIL() << "half a message was delivered"; }},
                   {"post", [&](const auto& message) { received.push_back(message.at("n")); }}},
                  milliseconds(1000));
  EXPECT_THAT(received, ElementsAre(1));
  EXPECT_TRUE(fs::exists(folder_ / "other/refused/0.json"));
}

}  // namespace
}  // namespace canopy
