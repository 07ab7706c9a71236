// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/blob_store.h"

// What every blob store keeps to. blob_store_test.cpp instantiates it for each of them.

namespace canopy {

/// `make` gives a store on a fresh, empty place; `reopen` another handle on the place of the latest
/// `make`.
struct BlobStoreFactory {
  std::function<std::unique_ptr<BlobStore>()> make, reopen;
};

class BlobStoreContract : public testing::TestWithParam<BlobStoreFactory> {
 protected:
  using Bytes = std::vector<std::uint8_t>;
  std::unique_ptr<BlobStore> store_ = GetParam().make();

  static Fault fault_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.fault();
    }
    ADD_FAILURE() << "nothing was thrown";
    return Fault::Bug;
  }
  std::vector<std::pair<std::string, std::int64_t>> listed(const std::string& prefix) const {
    std::vector<std::pair<std::string, std::int64_t>> all;
    store_->list(prefix, [&](const std::string& name, std::int64_t bytes) {
      all.emplace_back(name, bytes);
    });
    return all;
  }
};

TEST_P(BlobStoreContract, what_was_put_is_read_back_through_any_handle) {
  const Bytes bytes = {0, 255, 10, 13, 0};
  EXPECT_TRUE(store_->put_if_absent("ab/cd.example.gz", bytes));
  EXPECT_EQ(store_->get("ab/cd.example.gz"), bytes);
  EXPECT_EQ(store_->size("ab/cd.example.gz"), 5);
  EXPECT_EQ(GetParam().reopen()->get("ab/cd.example.gz"), bytes);
}

TEST_P(BlobStoreContract, an_empty_blob_is_a_blob) {
  EXPECT_TRUE(store_->put_if_absent("empty", Bytes{}));
  EXPECT_EQ(store_->size("empty"), 0);
  EXPECT_EQ(store_->get("empty"), Bytes{});
  EXPECT_FALSE(store_->put_if_absent("empty", Bytes{1}));
}

TEST_P(BlobStoreContract, a_blob_is_never_replaced) {
  EXPECT_TRUE(store_->put_if_absent("a", Bytes{1, 2}));
  EXPECT_FALSE(store_->put_if_absent("a", Bytes{3}));
  EXPECT_EQ(store_->get("a"), (Bytes{1, 2}));
}

TEST_P(BlobStoreContract, a_missing_blob_is_not_found_and_the_message_says_where) {
  EXPECT_EQ(store_->size("no/where"), -1);
  try {
    store_->get("no/where");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::NotFound);
    EXPECT_THAT(error.what(), testing::HasSubstr(store_->address_of("no/where")));
  }
}

TEST_P(BlobStoreContract, a_folder_of_names_is_no_blob) {
  store_->put_if_absent("a/b/c", Bytes{1});
  EXPECT_EQ(store_->size("a/b"), -1);
  EXPECT_EQ(fault_of([&] { store_->get("a/b"); }), Fault::NotFound);
}

TEST_P(BlobStoreContract, names_are_listed_in_order_of_their_bytes) {
  for (const char* name : {"b", "a/z", "a.b", "a-b", "a/b/c", "ab/c", "a=1/x", "a0"})
    EXPECT_TRUE(store_->put_if_absent(name, Bytes(3)));
  const auto all = listed("");
  EXPECT_EQ(all.size(), 8U);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end())) << testing::PrintToString(all);
  for (const auto& [name, bytes] : all) EXPECT_EQ(bytes, 3);
}

TEST_P(BlobStoreContract, a_prefix_is_any_beginning_of_names) {
  for (const char* name : {"ab/1", "ab/2", "abc", "b/ab/1"}) store_->put_if_absent(name, Bytes(1));
  EXPECT_THAT(
      listed("ab"),
      testing::ElementsAre(std::pair("ab/1", 1), std::pair("ab/2", 1), std::pair("abc", 1)));
  EXPECT_THAT(listed("ab/"), testing::ElementsAre(std::pair("ab/1", 1), std::pair("ab/2", 1)));
  EXPECT_THAT(listed("ab/2"), testing::ElementsAre(std::pair("ab/2", 1)));
  EXPECT_THAT(listed("zz/"), testing::IsEmpty());
  EXPECT_THAT(listed("../"), testing::IsEmpty());
}

TEST_P(BlobStoreContract, a_removed_blob_is_gone_and_may_come_again) {
  store_->put_if_absent("x/y", Bytes{1});
  store_->remove("x/y");
  store_->remove("x/y");
  EXPECT_EQ(store_->size("x/y"), -1);
  EXPECT_THAT(listed(""), testing::IsEmpty());
  EXPECT_TRUE(store_->put_if_absent("x/y", Bytes{2}));
  EXPECT_EQ(store_->get("x/y"), Bytes{2});
}

TEST_P(BlobStoreContract, names_that_could_lead_outside_are_refused) {
  const std::string long_part(201, 'a'), long_name = [] {
    std::string name = "a";
    while (name.size() <= 1024) name += "/a";
    return name;
  }();
  for (const std::string& name : {std::string(),
                                  std::string("/etc/passwd"),
                                  std::string("../x"),
                                  std::string("a/../b"),
                                  std::string("a//b"),
                                  std::string("a/"),
                                  std::string("./a"),
                                  std::string("a b"),
                                  std::string("a\\b"),
                                  std::string("a\0b", 3),
                                  std::string("caf\xc3\xa9"),
                                  long_part,
                                  long_name}) {
    EXPECT_EQ(fault_of([&] { store_->put_if_absent(name, Bytes{1}); }), Fault::User) << name;
    EXPECT_EQ(fault_of([&] { store_->get(name); }), Fault::User) << name;
    EXPECT_EQ(fault_of([&] { store_->size(name); }), Fault::User) << name;
    EXPECT_EQ(fault_of([&] { store_->remove(name); }), Fault::User) << name;
  }
}

TEST_P(BlobStoreContract, of_many_writers_one_wins_and_readers_see_its_bytes_whole) {
  constexpr int kThreads = 8, kNames = 20;
  std::atomic<int> won{0}, torn{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      const auto mine = GetParam().reopen();
      for (int n = 0; n < kNames; ++n) {
        const std::string name = "race/" + std::to_string(n);
        won += mine->put_if_absent(name, Bytes(100'000, static_cast<std::uint8_t>(t)));
        const Bytes seen = mine->get(name);
        torn += seen.size() != 100'000 || seen != Bytes(100'000, seen[0]);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, kNames);
  EXPECT_EQ(torn, 0);
}

}  // namespace canopy
