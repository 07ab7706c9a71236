// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tune/parameter.h"

namespace canopy {

/// As Optuna names them.
enum class TrialState { Running, Waiting, Complete, Pruned, Fail };
const char* name_of(TrialState state);

/// One run of a search: a setting, and what it is worth. The higher, the better.
struct Trial {
  std::int64_t number = 0;  ///< from 0
  TrialState state = TrialState::Running;
  Setting setting = {};
  std::map<std::int64_t, double> reports = {};  ///< what it was worth after how many steps
  std::optional<double> value = std::nullopt;   ///< in the end
  std::string run = {};                         ///< its training run
  std::string started_at = {}, ended_at = {};   ///< UTC; empty until then
  std::string error = {};                       ///< why it failed
};

}  // namespace canopy
