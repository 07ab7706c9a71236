// SPDX-License-Identifier: Apache-2.0
#include "base/workspace.h"

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/options.h"

namespace canopy {
namespace fs = std::filesystem;

constexpr char kConfigName[] = "canopy.toml";

Workspace::Workspace(fs::path root, WorkspaceConfig config)
    : root_(std::move(root)), config_(std::move(config)) {}

Workspace Workspace::create(const fs::path& root) {
  const fs::path config_path = root / kConfigName;
  WorkspaceConfig config;
  if (!write_file(config_path, Fields(config).to_toml(), AtomicFile::Existing::Keep))
    throw Error(Fault::Conflict, config_path.string() + " exists already: this is a workspace");
  return open(root);
}

Workspace Workspace::open(const fs::path& root) {
  fs::path folder = root.empty() ? fs::current_path() : fs::absolute(root);
  while (!fs::exists(folder / kConfigName)) {
    const bool at_top = !folder.has_relative_path();
    if (!root.empty() || at_top)
      throw Error(Fault::NotFound,
                  (root.empty() ? fs::current_path() : root).string() +
                      " is not in a workspace (no canopy.toml); make one with 'canopy init', or "
                      "pass --workspace");
    folder = folder.parent_path();
  }
  WorkspaceConfig config;
  Fields(config).set_from_toml((folder / kConfigName).string());
  return Workspace(fs::canonical(folder), std::move(config));
}

fs::path Workspace::resolve(const std::string& path) const {
  return fs::path(path).is_absolute() ? fs::path(path) : root_ / path;
}

std::string Workspace::address_of(const std::string& url) const {
  return url.find("://") != std::string::npos ? url : resolve(url).string();
}

}  // namespace canopy
