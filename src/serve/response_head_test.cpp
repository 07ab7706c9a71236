// SPDX-License-Identifier: Apache-2.0
#include "serve/response_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canopy {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ResponseHead, says_how_long_the_body_is_and_whether_more_may_follow) {
  const auto head = response_head(json_response("{}"), true);
  EXPECT_THAT(head,
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                    HasSubstr("Content-Length: 2\r\n"),
                    HasSubstr("Connection: keep-alive\r\n"),
                    EndsWith("\r\n\r\n")));
  EXPECT_THAT(response_head(problem(404, "no"), false), HasSubstr("Connection: close\r\n"));
}

TEST(ResponseHead, a_304_has_no_length_because_it_has_no_body) {
  Response response;
  response.status = 304;
  EXPECT_THAT(response_head(response, true), Not(HasSubstr("Content-Length")));
}

TEST(ResponseHead, a_header_that_would_end_its_line_is_a_bug) {
  EXPECT_THROW(response_head(json_response("").with("X", "a\r\nSet-Cookie: b"), true), Error);
}

TEST(ResponseHead, only_names_of_this_machine_are_loopback) {
  for (const char* host :
       {"localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080"})
    EXPECT_TRUE(is_loopback_name(host)) << host;
  for (const char* host : {"",
                           "evil.example",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example:80",
                           "[::1].evil",
                           "::1",
                           "10.0.0.1"})
    EXPECT_FALSE(is_loopback_name(host)) << host;
}

}  // namespace
}  // namespace canopy
