// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "serve/message.h"

// A file that stays open while it is served: whoever replaces it by rename changes nothing for
// readers that hold this one, so the entity tag and every range belong to the same bytes.

namespace canopy {

class OpenFile {
 public:
  /// Throws NotFound, or Environment when it cannot be opened.
  static std::shared_ptr<const OpenFile> open(const std::filesystem::path& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  std::uint64_t size() const { return size_; }
  /// A strong entity tag with its quotes, from inode, size and time of change.
  const std::string& etag() const { return etag_; }
  /// Fills `out` from `offset`. Thread-safe. Throws Environment when the file ends before.
  void read(std::uint64_t offset, std::span<char> out) const;
  std::string read(std::uint64_t offset, std::uint64_t length) const;

 private:
  OpenFile(int descriptor, std::uint64_t size, std::string etag);
  int descriptor_;
  std::uint64_t size_;
  std::string etag_;
};

/// The file as a request asks for it: 200, 206 with a part, 304 when the client has it, 416.
Response file_response(const Request& request,
                       const std::shared_ptr<const OpenFile>& file,
                       const std::string& content_type);

}  // namespace canopy
