// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "serve/message.h"

// The web application, read whole into memory at start (about 2 MB). A request's path is looked up
// in the list that was made then and never joined to a folder, so that a path outside the folder
// cannot be written.

namespace canopy {

class StaticFiles {
 public:
  /// Reads all files below `folder`. `x.gz` is the compressed form of `x`, sent to clients that
  /// take it; a file with a hash in its name (under assets/) may be kept for ever. Throws NotFound
  /// when there is no index.html, with the remedy.
  explicit StaticFiles(const std::filesystem::path& folder);

  /// "/" is index.html. 404 for what is not in the list, 405 unless GET or HEAD.
  Response operator()(const Request& request) const;

 private:
  struct File {
    std::shared_ptr<const std::string> bytes, gzip_bytes;
    std::string content_type, etag;
    bool is_immutable = false;
  };
  std::map<std::string, File> files_;  ///< by "assets/index-3f9c.js"
};

/// By extension; "application/octet-stream" for unknown ones.
std::string content_type_of(const std::filesystem::path& path);

}  // namespace canopy
