// SPDX-License-Identifier: Apache-2.0
#include "store/gzip.h"

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

Bytes text(const std::string& s) { return {s.begin(), s.end()}; }

std::string complaint(const Bytes& member, std::size_t max_bytes = 1 << 20) {
  Bytes out;
  try {
    gunzip(member, out, max_bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  return "";
}

TEST(Gzip, any_content_comes_back) {
  Bytes out;
  for (const std::size_t size : {0U, 1U, 1000U, 300'000U}) {
    Random random(1, size);
    Bytes in(size);
    for (auto& byte : in) byte = static_cast<std::uint8_t>(random.below(7));
    gunzip(gzip(in), out, size);
    EXPECT_EQ(out, in);
  }
}

TEST(Gzip, the_header_says_nothing_of_time_or_machine) {
  const Bytes member = gzip(text("tree"));
  EXPECT_THAT(Bytes(member.begin(), member.begin() + 10),
              ElementsAre(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255));
}

TEST(Gzip, a_larger_content_than_allowed_is_refused_before_it_is_made) {
  EXPECT_THAT(complaint(gzip(Bytes(1000)), 999),
              HasSubstr("1000 bytes of content, more than the 999 allowed"));
}

TEST(Gzip, a_size_that_the_length_cannot_hold_is_refused) {
  Bytes member = gzip(text("small"));
  member[member.size() - 2] = 0xff;
  EXPECT_THAT(complaint(member, std::size_t{1} << 32), HasSubstr("more than its length can hold"));
}

TEST(Gzip, a_second_member_and_trailing_garbage_are_refused) {
  const Bytes one = gzip(text("one"));
  Bytes two = one;
  two.insert(two.end(), one.begin(), one.end());
  EXPECT_THAT(complaint(two), HasSubstr("follow the first gzip member"));
  const Bytes shorter = gzip(text("x"));
  two = gzip(Bytes(5000, 7));
  two.insert(two.end(), shorter.begin(), shorter.end());
  EXPECT_THAT(complaint(two), HasSubstr("more than one gzip member"));
  Bytes padded = one;
  padded.insert(padded.end(), one.end() - 4, one.end());
  EXPECT_THAT(complaint(padded), HasSubstr("4 bytes follow"));
}

TEST(Gzip, what_is_not_gzip_is_refused) {
  EXPECT_THAT(complaint({}), HasSubstr("not a gzip file"));
  EXPECT_THAT(complaint(text("II*\0 a TIFF, not a gzip file")), HasSubstr("not a gzip file"));
}

TEST(Gzip, no_truncation_and_no_flipped_bit_can_change_the_content_unnoticed) {
  const Bytes content = text("the quick brown fox jumps over the lazy dog, the quick brown fox");
  const Bytes whole = gzip(content);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(complaint(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
              "")
        << size;
  Bytes out;
  for (std::size_t bit = 80; bit < 8 * whole.size(); ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << bit % 8));
    // The few bits that pad the last byte of deflate's code mean nothing.
    if (!complaint(flipped).empty()) continue;
    gunzip(flipped, out, 1 << 20);
    EXPECT_EQ(out, content) << bit;
  }
}

}  // namespace
}  // namespace canopy
