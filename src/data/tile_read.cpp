// SPDX-License-Identifier: Apache-2.0
#include "data/tile_read.h"

#include "base/error.h"
#include "base/hash.h"

namespace canopy {

Example open_tile(std::span<const std::uint8_t> file, const ExampleRef& ref, bool verify) {
  const bool is_other_size = ref.bytes > 0 && std::ssize(file) != ref.bytes;
  if (!verify && !is_other_size) return decode(file);
  const std::vector<std::uint8_t> content = inflate(file);
  const std::string digest = sha256_hex(content);
  require(digest == ref.tile_id, [&] {
    return "is damaged: its content has the SHA-256 " + digest + ", not " + ref.tile_id +
           (is_other_size ? "; it has " + std::to_string(file.size()) + " bytes, not the " +
                                std::to_string(ref.bytes) + " of its catalog row"
                          : "") +
           "; ingest its picture again";
  });
  return parse_example(content);
}

Example read_tile(const BlobStore& store, const ExampleRef& ref, bool verify) {
  try {
    return open_tile(store.get(ref.uri), ref, verify);
  } catch (const Error& error) {
    throw add_context("tile " + ref.tile_id + " (" + store.address_of(ref.uri) + ")", error);
  }
}

}  // namespace canopy
