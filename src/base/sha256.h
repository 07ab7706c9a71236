// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace canopy {

/// SHA-256 (FIPS 180-4) without a library, for machines that lack OpenSSL; elsewhere only a test
/// uses it. base/hash.h is what everybody else asks. About a fifth of the speed of OpenSSL where
/// the processor has instructions for it.
class PlainSha256 {
 public:
  void update(std::span<const std::uint8_t> bytes);
  /// The digest; nothing may be added after it.
  std::array<std::uint8_t, 32> finish();

 private:
  void take_block(const std::uint8_t* block);
  std::array<std::uint32_t, 8> state_ = {0x6a09e667,
                                         0xbb67ae85,
                                         0x3c6ef372,
                                         0xa54ff53a,
                                         0x510e527f,
                                         0x9b05688c,
                                         0x1f83d9ab,
                                         0x5be0cd19};
  std::array<std::uint8_t, 64> rest_ = {};  ///< bytes that fill no block yet
  std::size_t rest_size_ = 0;
  std::uint64_t size_ = 0;  ///< of all bytes so far
};

}  // namespace canopy
