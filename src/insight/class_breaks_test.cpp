// SPDX-License-Identifier: Apache-2.0
#include "insight/class_breaks.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "base/random.h"

namespace canopy {
namespace {

using testing::ElementsAre;

TEST(ClassBreaks, quantiles_give_each_class_the_same_weight) {
  std::vector<double> values, weights;
  Random random(4);
  for (int k = 0; k < 5000; ++k) {
    values.push_back(random.normal(0, 1));
    weights.push_back(random.uniform(0, 1));
  }
  const auto breaks = class_breaks(values, weights, 4, "quantiles");
  std::vector<double> share(4, 0);
  double total = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    share[static_cast<std::size_t>(class_of(values[k], breaks))] += weights[k];
    total += weights[k];
  }
  for (double s : share) EXPECT_NEAR(s / total, 0.25, 0.003);
}

TEST(ClassBreaks, jenks_finds_clumps_of_any_size) {
  const std::vector<double> values = {1, 1.1, 0.9, 1, 1.2, 0.8, 1, 5, 9, 9.1};
  EXPECT_THAT(class_breaks(values, std::vector<double>(10, 1), 3, "jenks"), ElementsAre(5, 9));
}

TEST(ClassBreaks, values_that_are_all_alike_make_one_class) {
  for (const char* method : {"quantiles", "jenks"}) {
    const auto breaks = class_breaks({2, 2, 2}, {1, 1, 1}, 3, method);
    ASSERT_EQ(breaks.size(), 2u) << method;
    EXPECT_EQ(class_of(2, breaks), class_of(2.0, breaks));
    EXPECT_TRUE(std::is_sorted(breaks.begin(), breaks.end()));
  }
}

TEST(ClassBreaks, another_method_is_refused) {
  EXPECT_THAT(error_of([] { class_breaks({1}, {1}, 2, "equal"); }),
              testing::HasSubstr("breaks: 'equal' is unknown; say quantiles or jenks"));
}

}  // namespace
}  // namespace canopy
