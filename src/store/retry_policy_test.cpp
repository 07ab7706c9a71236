// SPDX-License-Identifier: Apache-2.0
#include "store/retry_policy.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

using std::chrono::milliseconds;

HttpResponse with_status(int status) {
  HttpResponse response;
  response.status = status;
  return response;
}

TEST(RetryPolicy, the_bound_doubles_up_to_the_cap_and_the_wait_is_anywhere_below_it) {
  const RetryPolicy policy{.base = milliseconds(100), .cap = milliseconds(1000)};
  EXPECT_EQ(policy.delay(1, 0.999).count(), 99);
  EXPECT_EQ(policy.delay(2, 0.5).count(), 100);
  EXPECT_EQ(policy.delay(4, 0.999).count(), 799);
  EXPECT_EQ(policy.delay(5, 0.999).count(), 999);
  EXPECT_EQ(policy.delay(1000, 0.5).count(), 500);
  EXPECT_EQ(policy.delay(3, 0).count(), 0);
}

TEST(RetryPolicy, ten_attempts_wait_at_most_as_long_as_the_header_says) {
  const RetryPolicy policy;
  milliseconds total{0};
  for (int i = 1; i < policy.attempts; ++i) total += policy.delay(i, 1.0);
  EXPECT_NEAR(static_cast<double>(total.count()), 45'000, 1'000);
}

TEST(RetryPolicy, servers_that_are_busy_or_ill_are_asked_again_and_refusals_are_not) {
  for (const int status : {408, 429, 500, 502, 503, 504})
    EXPECT_TRUE(is_transient(with_status(status), "")) << status;
  for (const int status : {200, 204, 206, 301, 400, 403, 404, 412, 501})
    EXPECT_FALSE(is_transient(with_status(status), "")) << status;
  EXPECT_TRUE(is_transient(with_status(400), "RequestTimeout"));
  EXPECT_TRUE(is_transient(with_status(409), "ConditionalRequestConflict"));
  EXPECT_FALSE(is_transient(with_status(409), "BucketAlreadyExists"));
}

TEST(RetryPolicy, a_lost_connection_is_tried_again_and_a_bad_certificate_is_not) {
  HttpResponse response;
  response.failure = HttpFailure::Broken;
  EXPECT_TRUE(is_transient(response, ""));
  response.failure = HttpFailure::Unreachable;
  EXPECT_TRUE(is_transient(response, ""));
  response.failure = HttpFailure::Hopeless;
  EXPECT_FALSE(is_transient(response, ""));
}

}  // namespace
}  // namespace canopy
