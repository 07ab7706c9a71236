// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "data/order.h"
#include "store/blob_store.h"
#include "store/example.h"

// A tile out of its store, held against its name. A file's name is the SHA-256 of what it unpacks
// to (docs/formats.md), so a flipped bit that gzip's CRC-32 and the store let pass is still found.

namespace canopy {

/// The example in `file`. Hashed where `verify` asks for it, and always where the file has another
/// size than the catalog says: that alone is no fault, as another version of libdeflate may have
/// packed it. Throws User, with both hashes, when the content is not what the name says.
Example open_tile(std::span<const std::uint8_t> file, const ExampleRef& ref, bool verify);

/// `open_tile` of what the store has; messages begin with the tile and its address.
Example read_tile(const BlobStore& store, const ExampleRef& ref, bool verify = false);

}  // namespace canopy
