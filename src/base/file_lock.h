// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

namespace canopy {

/// A lock that one process at a time holds, and that is free again when that process ends, however
/// it ends (flock). Two of them in one process stand against each other as well.
class FileLock {
 public:
  /// Nothing when somebody else holds it. Makes the file, and the folder that it lies in. Throws
  /// Environment when that cannot be done.
  static std::optional<FileLock> take(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace canopy
