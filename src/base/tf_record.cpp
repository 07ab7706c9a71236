// SPDX-License-Identifier: Apache-2.0
#include "base/tf_record.h"

#include <array>
#include <cstring>

#include "base/error.h"
#include "base/protobuf.h"

namespace canopy {
namespace {

/// Table k gives the CRC of a byte that k others follow, so that 8 bytes are taken at a time.
constexpr auto kCrcTables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    tables[0][i] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t i = 0; i < 256; ++i)
      tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xff];
  return tables;
}();

template <class Number>
Number get(std::string_view bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffu;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const std::uint64_t word = get<std::uint64_t>(bytes, at) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= kCrcTables[7 - k][(word >> (8 * k)) & 0xff];
  }
  for (; at < bytes.size(); ++at)
    crc = kCrcTables[0][(crc ^ static_cast<std::uint8_t>(bytes[at])) & 0xff] ^ (crc >> 8);
  return ~crc;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

std::string tf_record(std::string_view message) {
  std::string record;
  record.reserve(message.size() + 16);
  put_fixed(record, static_cast<std::uint64_t>(message.size()));
  put_fixed(record, masked_crc32c(record));
  record.append(message);
  put_fixed(record, masked_crc32c(message));
  return record;
}

bool is_tf_record(std::string_view bytes) {
  return bytes.size() >= 12 && get<std::uint32_t>(bytes, 8) == masked_crc32c(bytes.substr(0, 8));
}

bool for_each_record(std::string_view bytes,
                     const std::string& name,
                     const std::function<void(std::string_view)>& visit) {
  std::size_t at = 0;
  while (bytes.size() - at >= 12) {
    const auto where = [&] { return name + ", byte " + std::to_string(at); };
    const auto size = get<std::uint64_t>(bytes, at);
    require(get<std::uint32_t>(bytes, at + 8) == masked_crc32c(bytes.substr(at, 8)),
            [&] { return where() + ": the checksum of a record's length is wrong"; });
    const std::size_t left = bytes.size() - at - 12;
    if (left < 4 || left - 4 < size) return false;
    const std::string_view message = bytes.substr(at + 12, size);
    require(get<std::uint32_t>(bytes, at + 12 + size) == masked_crc32c(message),
            [&] { return where() + ": the checksum of a record is wrong"; });
    visit(message);
    at += size + 16;
  }
  return at == bytes.size();
}

}  // namespace canopy
