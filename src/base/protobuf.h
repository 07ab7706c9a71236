// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Writing protobuf messages without a schema compiler: a message is a string that fields are put
// behind (protobuf.dev, "Encoding"). For the few small messages that Canopy writes itself.

namespace canopy {

inline void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

/// A field's number and wire type (0 varint, 1 64 bits, 2 bytes, 5 32 bits).
inline void put_key(std::string& out, unsigned field, unsigned wire) {
  put_varint(out, field << 3 | wire);
}

/// A text, bytes, or a message.
inline void put_bytes(std::string& out, unsigned field, std::string_view bytes) {
  put_key(out, field, 2);
  put_varint(out, bytes.size());
  out.append(bytes);
}

inline void put_integer(std::string& out, unsigned field, std::int64_t value) {
  put_key(out, field, 0);
  put_varint(out, static_cast<std::uint64_t>(value));
}

/// A number as it lies in memory: float and double, fixed32 and fixed64.
template <class Number>
void put_fixed(std::string& out, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

inline void put_float(std::string& out, unsigned field, float value) {
  put_key(out, field, 5);
  put_fixed(out, value);
}

}  // namespace canopy
