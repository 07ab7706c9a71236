// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

// How every file of ours comes to be, so that no reader ever sees half of one:
//
//  1. write to `name.tmp.<pid>.<n>` beside the final name (same file system, so that rename is
//  atomic);
//  2. check every write; fsync the file (a failed fsync discards it: the kernel may have dropped
//  the pages);
//  3. rename over the final name, or link where the file must not exist yet (`Existing::Keep`);
//  4. fsync the folder, so that the name survives a power cut.
//
// A process that dies leaves at most a temporary; `remove_stale_temporaries` sweeps those whose
// process is gone. Libraries that insist on a path (GDAL, DuckDB) are handed `path()`, close it,
// and then we commit.

namespace canopy {

class AtomicFile {
 public:
  enum class Existing {
    Replace,  ///< the new file takes the name
    Keep,     ///< `commit` returns false and drops the new file when the name is taken
  };

  /// Reserves a temporary name beside `target`; makes the folder where it is missing.
  explicit AtomicFile(std::filesystem::path target);
  /// Drops the temporary unless it was committed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// The temporary, not yet existing, for a writer that opens files by itself. It keeps the
  /// target's extension, because drivers look at it: "trees.tmp.<pid>.<n>.gpkg".
  const std::filesystem::path& path() const { return temporary_; }

  /// Writes the whole of it. Throws Environment on a full disk, with nothing left behind.
  void write(std::string_view bytes);

  /// Steps 2 to 4. Returns whether the target now holds this file's bytes because of this call.
  bool commit(Existing existing = Existing::Replace);

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool done_ = false;
};

/// `AtomicFile`, `write`, `commit`. Returns what `commit` returns.
bool write_file(const std::filesystem::path& target,
                std::string_view bytes,
                AtomicFile::Existing existing = AtomicFile::Existing::Replace);

/// The whole file. Throws NotFound or Environment.
std::string read_file(const std::filesystem::path& path);

/// Removes the temporaries below `folder` whose process no longer runs; returns how many.
int remove_stale_temporaries(const std::filesystem::path& folder);
/// Whether a file's name is one that `AtomicFile` gives to its temporaries.
bool is_temporary(const std::filesystem::path& path);

/// Flushes a folder's entries to disk. Throws Environment.
void sync_folder(const std::filesystem::path& folder);

}  // namespace canopy
