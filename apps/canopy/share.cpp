// SPDX-License-Identifier: Apache-2.0
#include "share.h"

#include <cstdlib>

#include "base/error.h"

namespace canopy {

namespace fs = std::filesystem;

fs::path shared_file(const std::string& name) {
  const char* given = std::getenv("CANOPY_SHARE");
  const fs::path folder =
      given ? fs::path(given)
            : fs::canonical("/proc/self/exe").parent_path().parent_path() / "share/canopy";
  fs::path path = folder / name;
  if (!fs::exists(path))
    throw Error(
        Fault::Environment,
        path.string() +
            " is missing; run 'make build web', or set CANOPY_SHARE to the folder that holds it");
  return path;
}

}  // namespace canopy
