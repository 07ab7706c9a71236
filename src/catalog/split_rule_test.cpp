// SPDX-License-Identifier: Apache-2.0
#include "catalog/split_rule.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/error_for_test.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

TEST(SplitRule, is_the_published_md5_rule) {
  // md5('a') = 0cc175b9..., md5('b') = 92eb5ffe..., md5('e') = e1671797..., md5('c') = 4a8a08f0...
  DuckdbSession session;
  const auto table = session.query("SELECT " + SplitRule("train=80,val=10,test=10").sql("t") +
                                   " FROM (VALUES ('a'), ('b'), ('e'), ('c')) AS v(t)");
  EXPECT_EQ(to_text(table.rows[0][0]), "train");
  EXPECT_EQ(to_text(table.rows[1][0]), "train");
  EXPECT_EQ(to_text(table.rows[2][0]), "val");  // 0xe1671797 / 2^32 = 0.8805
  EXPECT_EQ(to_text(table.rows[3][0]), "train");
}

TEST(SplitRule, gives_each_split_its_share) {
  DuckdbSession session;
  const auto table =
      session.query("SELECT " + SplitRule("train=62.5,val=25,test=12.5").sql("range::VARCHAR") +
                    " AS split, count(*) FROM range(20000) GROUP BY split");
  std::map<std::string, double> share;
  for (const auto& row : table.rows)
    share[to_text(row[0])] = static_cast<double>(std::get<std::int64_t>(row[1])) / 20000;
  EXPECT_NEAR(share["train"], 0.625, 0.015);
  EXPECT_NEAR(share["val"], 0.25, 0.015);
  EXPECT_NEAR(share["test"], 0.125, 0.015);
}

TEST(SplitRule, of_one_split_takes_all) { EXPECT_EQ(SplitRule("test=100").sql("x"), "'test'"); }

TEST(SplitRule, refuses_what_it_cannot_mean) {
  for (const char* text : {"",
                           "train",
                           "train=80",
                           "train=80,val=30",
                           "train=50,train=50",
                           "train=x,val=10",
                           "train=-10,val=110",
                           "train=100,val=0",
                           "train=nan"}) {
    try {
      SplitRule{text};
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      EXPECT_THAT(error.what(), testing::HasSubstr("write it as"));
    }
  }
}

TEST(SplitRule, refuses_an_unknown_split_with_the_nearest) {
  const auto refusal = [](const char* text) { return error_of([&] { SplitRule{text}; }); };
  EXPECT_EQ(refusal("train=80,vall=10,tset=10"),
            "User: split 'train=80,vall=10,tset=10': 'vall' is none of train, val, test; did you "
            "mean 'val'? (as in train=80,val=10,test=10)");
  EXPECT_THAT(refusal("=100"), testing::HasSubstr("'' is none of train, val, test (as in"));
  EXPECT_THAT(refusal("train=90,holdout=10"), testing::HasSubstr("'holdout' is none of"));
}

}  // namespace
}  // namespace canopy
