// SPDX-License-Identifier: Apache-2.0
#include "ingest/source_uri.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// Without a slash at the end, which a folder may be named with.
fs::path whole(const fs::path& path) {
  const fs::path normal = fs::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

/// `path` as seen from `home`; empty where it lies elsewhere.
std::string below(const fs::path& path, const fs::path& home) {
  const fs::path relative = path.lexically_relative(home);
  return relative.empty() || *relative.begin() == ".." ? std::string() : relative.string();
}

}  // namespace

std::string source_uri(const fs::path& file, const fs::path& home) {
  const std::string text = file.string();
  if (text.empty() || text.find("://") != std::string::npos || text.starts_with("/vsi"))
    return text;
  const fs::path path = whole(file);
  if (home.empty()) return path.string();
  std::string found = below(path, whole(home));
  // One of them may go through a link.
  if (found.empty()) found = below(fs::weakly_canonical(path), fs::weakly_canonical(home));
  return found.empty() ? path.string() : found;
}

}  // namespace canopy
