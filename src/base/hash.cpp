// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <array>
#include <fstream>
#include <vector>

#ifdef CANOPY_OPENSSL
#include <openssl/evp.h>
#endif

#include "base/error.h"
#include "base/sha256.h"

namespace canopy {

#ifdef CANOPY_OPENSSL
struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  Context() { check(evp && EVP_DigestInit_ex(evp, EVP_sha256(), nullptr) == 1, "SHA-256 starts"); }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  void update(std::span<const std::uint8_t> bytes) {
    check(EVP_DigestUpdate(evp, bytes.data(), bytes.size()) == 1, "SHA-256 goes on");
  }
  std::array<std::uint8_t, 32> finish() {
    std::array<std::uint8_t, 32> digest = {};
    check(EVP_DigestFinal_ex(evp, digest.data(), nullptr) == 1, "SHA-256 ends");
    return digest;
  }
};
#else
struct Sha256::Context : PlainSha256 {};
#endif

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::uint8_t> bytes) {
  context_->update(bytes);
  return *this;
}

Sha256& Sha256::update(std::string_view bytes) {
  return update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string Sha256::hex() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : context_->finish()) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string sha256_hex(std::string_view bytes) { return Sha256().update(bytes).hex(); }
std::string sha256_hex(std::span<const std::uint8_t> bytes) { return Sha256().update(bytes).hex(); }

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Fault::NotFound, path.string() + ": cannot be read");
  Sha256 digest;
  std::vector<char> piece(1 << 20);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    digest.update(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
  if (file.bad()) throw Error(Fault::Environment, path.string() + ": reading failed");
  return digest.hex();
}

}  // namespace canopy
