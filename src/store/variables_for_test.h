// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "base/s3_address.h"

namespace canopy {

using VariablesForTest = std::map<std::string, std::string>;

/// An environment of exactly these variables.
inline Variables variables_of(const VariablesForTest& values) {
  return [values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

}  // namespace canopy
