// SPDX-License-Identifier: Apache-2.0
#include "ingest/stored_tile.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "ingest/tile_statistics.h"
#include "store/example.h"
#include "store/gzip.h"

namespace canopy {
namespace {

/// Whether the bits of a gzip member that its content does not hang on are as we write them: the
/// header, and the zeros that fill the last byte of the deflate stream. Those would be the highest
/// bits set there, and the content would be the same without.
bool has_our_idle_bits(std::vector<std::uint8_t> member) {
  constexpr std::size_t kHeader = 10, kTrailer = 8;
  const std::vector<std::uint8_t> ours = gzip({});
  if (!std::equal(ours.begin(), ours.begin() + kHeader, member.begin())) return false;
  std::uint8_t& last = member[member.size() - kTrailer - 1];
  if (last == 0) return true;
  last = static_cast<std::uint8_t>(last ^ std::bit_floor(last));
  try {
    (void)inflate(member);
  } catch (const Error&) {
    return true;
  }
  return false;
}

}  // namespace

StoredTile store_tile(BlobStore& store, const Example& example) {
  const SerializedExample serialized = serialize(example);
  StoredTile tile;
  TileRow& row = tile.row;
  row.tile_id = serialized.tile_id;
  row.tile_key = serialized.tile_key;
  row.uri = example_path(row.tile_id);
  row.bytes = store.size(row.uri);
  if (row.bytes < 0) {
    const std::vector<std::uint8_t> file = gzip(serialized.bytes);
    tile.is_new = store.put_if_absent(row.uri, file);
    row.bytes = tile.is_new ? std::ssize(file) : store.size(row.uri);
  }
  row.gzip_ratio = static_cast<double>(serialized.bytes.size()) / static_cast<double>(row.bytes);
  fill_statistics(example, row);
  return tile;
}

std::string problem_of_tile(const BlobStore& store,
                            const std::string& tile_id,
                            const std::string& uri,
                            std::int64_t bytes,
                            bool read_all) {
  const std::int64_t size = store.size(uri);
  if (size < 0) return store.address_of(uri) + ": is missing";
  if (bytes >= 0 && size != bytes)
    return store.address_of(uri) + ": has " + std::to_string(size) + " bytes, its row says " +
           std::to_string(bytes);
  if (!read_all) return "";
  try {
    std::vector<std::uint8_t> member = store.get(uri);
    if (sha256_hex(inflate(member)) != tile_id || !has_our_idle_bits(std::move(member)))
      return store.address_of(uri) + ": its content is not what its name says (SHA-256 differs)";
  } catch (const Error& error) {
    // A store that cannot be asked says nothing of the tile.
    if (error.fault() != Fault::User && error.fault() != Fault::NotFound) throw;
    return store.address_of(uri) + ": " + error.what();
  }
  return "";
}

}  // namespace canopy
