// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "store/blob_store.h"

// A blob store in a folder. Any number of threads and processes may use it at once, with no lock:
//
//  1. `put_if_absent` looks whether the name is taken; most repeated puts end here, once the folder
//     is synced: whoever made the blob may have died before that;
//  2. it makes the folders on the way and syncs the parent of each that it made, so that they
//     survive a power cut;
//  3. it writes a temporary beside the name and syncs it (base/atomic_file.h);
//  4. it links the temporary to the name: the kernel lets exactly one writer win, and a reader sees
//     all bytes or none;
//  5. it drops the temporary and syncs the folder; only then it returns.
//
// A process that dies leaves at most a temporary, which no method here ever shows. `remove`
// unlinks; readers that have the blob open keep their bytes.

namespace canopy {

class FolderStore : public BlobStore {
 public:
  /// Makes the folder where it is missing. Throws User when the path is something else.
  explicit FolderStore(std::filesystem::path root);

  std::vector<std::uint8_t> get(const std::string& name) const override;
  bool put_if_absent(const std::string& name, std::span<const std::uint8_t> bytes) override;
  std::int64_t size(const std::string& name) const override;
  void list(const std::string& prefix,
            const std::function<void(const std::string&, std::int64_t)>& visit) const override;
  void remove(const std::string& name) override;
  std::string address_of(const std::string& name) const override;

 private:
  std::filesystem::path path_of(const std::string& name) const;
  std::filesystem::path root_;
};

}  // namespace canopy
