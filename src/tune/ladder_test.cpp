// SPDX-License-Identifier: Apache-2.0
#include "tune/ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/error_for_test.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

using testing::HasSubstr;

std::vector<std::string> names_of(const std::vector<Rung>& rungs) {
  std::vector<std::string> names;
  for (const Rung& rung : rungs) names.push_back(rung.name);
  return names;
}

TEST(Ladder, of_training_changes_one_thing_a_rung) {
  const TinyData tiny("ladder", LabelKind::Mask);
  TrainOptions training = tiny_options();
  training.usd_per_hour = 3.6;
  const LoaderSetting tuned{2, 1, 4, 1};
  const std::vector<Rung> rungs =
      training_ladder(tiny.data(), training, tuned, {.seconds = 0.1, .repeats = 2}, no_progress());
  EXPECT_EQ(names_of(rungs),
            (std::vector<std::string>{"naive",
                                      "own decoding",
                                      "id maps",
                                      "ahead",
                                      "channels last",
                                      "folded norms",
                                      "own kernels",
                                      "tuned",
                                      "bf16"}));
  for (const Rung& rung : rungs) {
    EXPECT_GT(rung.per_s.low, 0) << rung.name;
    EXPECT_LE(rung.per_s.low, rung.per_s.median) << rung.name;
    EXPECT_NEAR(rung.usd_per_million, 1000 / rung.per_s.median, 1e-6) << rung.name;
    EXPECT_GT(rung.peak_bytes, 1 << 20) << rung.name;
    EXPECT_FALSE(rung.limit.empty()) << rung.name;
  }
  EXPECT_FALSE(rungs[0].how.is_ahead);
  EXPECT_FALSE(rungs[5].how.own_kernels);
  EXPECT_EQ(rungs[7].how.setting, tuned);
}

TEST(Ladder, of_the_loader_reaches_the_rate_of_its_consumer) {
  const TinyData tiny("loader_ladder", LabelKind::Mask);
  const std::vector<Rung> rungs =
      loader_ladder(tiny.data(),
                    tiny_options(),
                    {2, 1, 4, 1},
                    {.seconds = 0.3, .repeats = 1, .consumer_per_s = 100},
                    no_progress());
  ASSERT_EQ(names_of(rungs).back(), "all cores");
  EXPECT_NEAR(rungs.back().per_s.median, 100, 15);
  EXPECT_LT(rungs.back().waiting_share, rungs.front().waiting_share);
  EXPECT_EQ(rungs.back().limit, "the simulated consumer");
}

TEST(Ladder, impossible_requests_are_refused) {
  EXPECT_THROW(LadderOptions{.seconds = 0}.validate(), Error);
  EXPECT_THROW(LadderOptions{.repeats = 0}.validate(), Error);
  EXPECT_THROW(LadderOptions{.consumer_per_s = 0}.validate(), Error);
  const TinyData tiny("no_ladder", LabelKind::Mask);
  TrainingData empty = tiny.data();
  empty.refs.clear();
  EXPECT_THAT(error_of([&] { (void)loader_ladder(empty, tiny_options(), {}, {}, no_progress()); }),
              HasSubstr("no example to load"));
}

}  // namespace
}  // namespace canopy
