// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

// SHA-256 (FIPS 180-4; from OpenSSL, or base/sha256.h where that is not): names of tiles, datasets
// and models, and the check of every file that a manifest refers to.

namespace canopy {

/// A running digest: `update` as bytes arrive, `hex` once at the end (64 lower-case digits).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::span<const std::uint8_t> bytes);
  Sha256& update(std::string_view bytes);
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view bytes);
std::string sha256_hex(std::span<const std::uint8_t> bytes);
/// Of a whole file, read in pieces. Throws NotFound or Environment.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace canopy
