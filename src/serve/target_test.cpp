// SPDX-License-Identifier: Apache-2.0
#include "serve/target.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class Work>
std::string refusal(Work work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Target, is_cut_before_it_is_decoded) {
  const auto target =
      parse_target("/api/a%2Fb/north%20block/?crs=EPSG%3A32734&bbox=1,2,3,4&q=a+b&flag");
  ASSERT_TRUE(target);
  EXPECT_THAT(target->segments, ElementsAre("api", "a/b", "north block"));
  EXPECT_EQ(target->value("crs"), "EPSG:32734");
  EXPECT_EQ(target->value("q"), "a b");
  EXPECT_EQ(target->value("flag"), "");
  EXPECT_EQ(target->value("nothing"), std::nullopt);
  EXPECT_THAT(parse_target("/")->segments, IsEmpty());
  EXPECT_THAT(parse_target("http://localhost:8080/x")->segments, ElementsAre("x"));
}

TEST(Target, what_no_client_means_is_refused) {
  for (const char* text : {"",
                           "x",
                           "*",
                           "http://",
                           "http:///x",
                           "https://a/b",
                           "/a//b",
                           "//",
                           "/..",
                           "/a/../b",
                           "/%2e%2e/etc/passwd",
                           "/a/%2E",
                           "/%",
                           "/%4",
                           "/%zz",
                           "/%00",
                           "/a%0d%0aSet-Cookie:x",
                           "/x?=1",
                           "/x?a=%",
                           "/x?a=%g0"})
    EXPECT_FALSE(parse_target(text)) << text;
  EXPECT_FALSE(parse_target("/" + std::string(9000, 'a')));
}

TEST(Target, any_bytes_are_parsed_or_refused_and_never_leave_the_list) {
  const std::string alphabet = "/.%25efEF0?&=+#:ab\\\x01\x7f\xff";
  Random random(3);
  int parsed = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = "/";
    for (auto n = random.below(20); n > 0; --n)
      text += alphabet[static_cast<std::size_t>(
          random.below(static_cast<std::int64_t>(alphabet.size())))];
    const auto target = parse_target(text);
    if (!target) continue;
    ++parsed;
    for (const auto& segment : target->segments) {
      ASSERT_NE(segment, "..");
      ASSERT_FALSE(segment.empty());
      for (const char c : segment) ASSERT_GE(static_cast<unsigned char>(c), 0x20);
    }
  }
  EXPECT_GT(parsed, 500);
}

TEST(Target, parameters_are_checked_by_name_and_value) {
  const auto target = parse_target("/x?limit=20&offset=x&big=99999999999999999999&twice=1&twice=2");
  EXPECT_EQ(target->integer("limit", 5, 1, 100), 20);
  EXPECT_EQ(target->integer("absent", 5, 1, 100), 5);
  EXPECT_THAT(refusal([&] { target->integer("limit", 5, 1, 10); }),
              HasSubstr("limit '20' must be a whole number from 1 to 10"));
  EXPECT_THAT(refusal([&] { target->integer("offset", 0, 0, 10); }), HasSubstr("offset 'x'"));
  EXPECT_THAT(refusal([&] { target->integer("big", 0, 0, 10); }), HasSubstr("big"));
  EXPECT_THAT(refusal([&] { target->value("twice"); }), HasSubstr("given twice"));
  EXPECT_THAT(refusal([&] {
                parse_target("/x?limt=1")->allow({"limit", "offset"});
              }),
              HasSubstr("did you mean 'limit'"));
}

TEST(Target, lists_of_numbers_have_the_asked_count) {
  EXPECT_THAT(parse_numbers("bbox", "1,-2.5,3e2,4", 4), ElementsAre(1, -2.5, 300, 4));
  for (const char* text : {"",
                           "1,2,3",
                           "1,2,3,4,5",
                           "1,2,3,",
                           ",1,2,3",
                           "1,2,nan,4",
                           "1,2,inf,4",
                           "1;2;3;4",
                           "a,b,c,d",
                           "1,2,1e999,4"})
    EXPECT_THAT(refusal([&] { parse_numbers("bbox", text, 4); }), HasSubstr("must be 4 numbers"))
        << text;
}

}  // namespace
}  // namespace canopy
