// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

// Bytes by name. Names are '/'-separated relative paths of letters, digits, '-', '_', '.', '='. A
// blob appears whole or not at all, and put_if_absent never replaces one. All methods may be called
// from many threads and processes at once.

namespace canopy {

class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// The whole blob. Throws NotFound with the full address, or Environment.
  virtual std::vector<std::uint8_t> get(const std::string& name) const = 0;
  /// True when this call made the blob, false when it was there already (its bytes stay). Durable
  /// on return.
  virtual bool put_if_absent(const std::string& name, std::span<const std::uint8_t> bytes) = 0;
  /// Size in bytes, or -1 when there is none.
  virtual std::int64_t size(const std::string& name) const = 0;
  /// Calls `visit(name, bytes)` for each blob whose name begins with `prefix`, in the order of
  /// names.
  virtual void list(const std::string& prefix,
                    const std::function<void(const std::string&, std::int64_t)>& visit) const = 0;
  /// Absent is fine.
  virtual void remove(const std::string& name) = 0;
  /// What a person types to look at the blob: a path, or s3://bucket/key.
  virtual std::string address_of(const std::string& name) const = 0;
  /// How many reads at once pay off: few on a disk, many over a network.
  virtual int reads_in_flight() const { return 2; }
};

/// Throws User unless `name` is one: relative, of the characters above, no part empty, "." or ".."
/// or longer than 200 characters.
void require_blob_name(const std::string& name);

/// A store from its address: a folder, made when missing, or s3://bucket/prefix (store/s3_store.h;
/// nothing is sent yet). Throws User for an address of another kind, with the remedy.
std::unique_ptr<BlobStore> open_blob_store(const std::string& url);

}  // namespace canopy
