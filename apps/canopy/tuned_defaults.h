// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "base/workspace.h"

// What `tune loader` found best on a machine: tuned/<machine>.toml in the workspace, a config file
// of `train` like any other, which counts less than everything that is given. A machine is its
// processor and the number of its cores, so that equal machines share what one of them found.

namespace canopy {

/// Where this machine's file lies, whether or not it is there.
std::filesystem::path tuned_file(const Workspace& workspace);

/// For Command::defaults: this machine's file in the workspace, empty where there is none or no
/// workspace.
std::filesystem::path tuned_defaults(const std::string& workspace_path);

/// A line on stdout that says which defaults count, where there are any.
void print_defaults(const std::filesystem::path& file, const Workspace& workspace);

}  // namespace canopy
