// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"

// Tests only.

namespace canopy {

/// The message of the Error that `work` throws, with its fault in front: "User: ..."; "no error"
/// where it throws none.
template <class Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(name_of(error.fault())) + ": " + error.what();
  }
  return "no error";
}

}  // namespace canopy
