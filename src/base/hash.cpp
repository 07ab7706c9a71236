// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <openssl/evp.h>

#include <fstream>
#include <vector>

#include "base/error.h"

namespace canopy {

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  Context() { check(evp && EVP_DigestInit_ex(evp, EVP_sha256(), nullptr) == 1, "SHA-256 starts"); }
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::uint8_t> bytes) {
  check(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1, "SHA-256 goes on");
  return *this;
}

Sha256& Sha256::update(std::string_view bytes) {
  return update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  check(EVP_DigestFinal_ex(context_->evp, digest, &size) == 1, "SHA-256 ends");
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
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
