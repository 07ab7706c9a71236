// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/random.h"

namespace canopy {
namespace {

std::string hex_of(std::array<std::uint8_t, 32> digest) {
  std::string hex;
  for (const std::uint8_t byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string plain(const std::string& text) {
  PlainSha256 digest;
  digest.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return hex_of(digest.finish());
}

// FIPS 180-2, appendix B, and NIST's SHA256ShortMsg for the empty message.
TEST(PlainSha256, gives_the_digests_of_the_standard) {
  EXPECT_EQ(plain(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(plain("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(plain("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(plain(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(PlainSha256, agrees_with_the_other_at_every_length_and_in_any_pieces) {
  Random random(7);
  for (std::size_t length = 0; length < 200; ++length) {
    std::vector<std::uint8_t> bytes(length);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
    PlainSha256 digest;
    for (std::size_t done = 0; done < length;) {
      const auto piece = std::min(length - done, static_cast<std::size_t>(1 + random.below(80)));
      digest.update({bytes.data() + done, piece});
      done += piece;
    }
    ASSERT_EQ(hex_of(digest.finish()), sha256_hex(bytes)) << length;
  }
}

}  // namespace
}  // namespace canopy
