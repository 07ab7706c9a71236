// SPDX-License-Identifier: Apache-2.0
#include "serve/range.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

TEST(Range, single_ranges_are_cut_at_the_end_of_the_file) {
  EXPECT_EQ(parse_range("bytes=0-99", 1000), RangeAnswer(ByteRange{0, 100}));
  EXPECT_EQ(parse_range("bytes=900-", 1000), RangeAnswer(ByteRange{900, 100}));
  EXPECT_EQ(parse_range("bytes=900-5000", 1000), RangeAnswer(ByteRange{900, 100}));
  EXPECT_EQ(parse_range("bytes=-10", 1000), RangeAnswer(ByteRange{990, 10}));
  EXPECT_EQ(parse_range("bytes=-5000", 1000), RangeAnswer(ByteRange{0, 1000}));
  EXPECT_EQ(parse_range("Bytes= 5-5 ", 1000), RangeAnswer(ByteRange{5, 1}));
  EXPECT_EQ(parse_range("bytes=0-99999999999999999999999", 10), RangeAnswer(ByteRange{0, 10}));
}

TEST(Range, what_lies_beyond_the_end_cannot_be_satisfied) {
  EXPECT_EQ(parse_range("bytes=1000-", 1000), RangeAnswer(Unsatisfiable{}));
  EXPECT_EQ(parse_range("bytes=99999999999999999999999-", 1000), RangeAnswer(Unsatisfiable{}));
  EXPECT_EQ(parse_range("bytes=-0", 1000), RangeAnswer(Unsatisfiable{}));
  EXPECT_EQ(parse_range("bytes=0-0", 0), RangeAnswer(Unsatisfiable{}));
}

TEST(Range, what_is_malformed_or_manifold_is_ignored) {
  for (const char* header : {"",
                             "bytes",
                             "bytes=",
                             "bytes=-",
                             "bytes=a-b",
                             "bytes=5-3",
                             "bytes=0x1-2",
                             "items=0-5",
                             "bytes=0-1,5-6",
                             "bytes=--5",
                             "bytes=+1-2",
                             "bytes=1 -2",
                             "=0-1"})
    EXPECT_EQ(parse_range(header, 1000), RangeAnswer(WholeFile{})) << header;
}

TEST(Range, any_text_gives_a_range_inside_the_file) {
  const std::string alphabet = "bytes=0123456789-, \t\"aB";
  Random random(7);
  int ranges = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string header = random.chance(0.7) ? "bytes=" : "";
    for (auto n = random.below(12); n > 0; --n)
      header += alphabet[static_cast<std::size_t>(random.below(22))];
    const auto size = static_cast<std::uint64_t>(random.below(2000));
    const auto answer = parse_range(header, size);
    if (const auto* range = std::get_if<ByteRange>(&answer)) {
      ++ranges;
      ASSERT_GT(range->length, 0u) << header;
      ASSERT_LE(range->first + range->length, size) << header;
    }
  }
  EXPECT_GT(ranges, 200);
}

TEST(Range, if_range_needs_the_very_same_strong_tag) {
  EXPECT_TRUE(if_range_holds("", "\"a\""));
  EXPECT_TRUE(if_range_holds("\"a\"", "\"a\""));
  EXPECT_FALSE(if_range_holds("\"b\"", "\"a\""));
  EXPECT_FALSE(if_range_holds("W/\"a\"", "\"a\""));
  EXPECT_FALSE(if_range_holds("Sun, 06 Nov 1994 08:49:37 GMT", "\"a\""));
}

TEST(Range, a_client_that_has_the_tag_is_known_by_any_item_of_its_list) {
  EXPECT_TRUE(etag_matches("\"x\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(etag_matches("*", "\"a\""));
  EXPECT_FALSE(etag_matches("\"x\",,\"y\"", "\"a\""));
  EXPECT_FALSE(etag_matches("", "\"a\""));
}

}  // namespace
}  // namespace canopy
