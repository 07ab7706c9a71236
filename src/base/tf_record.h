// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// TFRecord, TensorFlow's file of messages. A record is the length (8 bytes, little-endian), its
// masked CRC-32C (4), the message, the message's masked CRC-32C (4); nothing stands before, between
// or behind the records.

namespace canopy {

/// CRC-32C (Castagnoli), and the rotation with an offset that TFRecord stores in its place.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t masked_crc32c(std::string_view bytes);

/// A record of `message`.
std::string tf_record(std::string_view message);

/// Whether the bytes begin like a TFRecord: a length and its checksum.
bool is_tf_record(std::string_view bytes);

/// Gives each message to `visit`; the views are valid while `bytes` are. `name` stands in messages.
/// Throws User, naming the place, for a wrong checksum. Returns false when the last record is cut
/// off; what stands before it was given.
bool for_each_record(std::string_view bytes,
                     const std::string& name,
                     const std::function<void(std::string_view)>& visit);

}  // namespace canopy
