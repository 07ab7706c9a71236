// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/options.h"
#include "tune/parameter.h"

// What a search may change, as people write it: entries out of
//
//   lr                     its usual range
//   lr:1e-4..2e-3          a range of numbers or whole numbers
//   batch:2/4/8            a choice, of words too: precision:fp32/bf16
//
// Rates, decays, sizes and weights of losses are searched in the logarithm, as are ranges of other
// options whose high end is at least ten times the low one.

namespace canopy {

using SearchSpace = std::vector<Parameter>;

/// Of the options that `fields` are. Throws User, naming the entry and what to write, for an option
/// that is unknown, given twice, or cannot be searched, and for an empty range.
SearchSpace search_space(const std::vector<std::string>& entries, const Fields& fields);

/// The names of the options that have a usual range.
std::vector<std::string> usual_names();

/// What is searched where nothing else is said.
inline const std::vector<std::string> kUsualSearch = {
    "lr", "weight-decay", "tree-centred", "loss-classifier", "loss-box", "loss-mask"};

/// Sets the options that the setting names.
void apply(const Setting& setting, Fields& fields);
/// As a TOML document that a command of these options takes as its config=FILE.
std::string to_toml(const Setting& setting, const Fields& fields);
/// What these options are now, of those that the space names.
Setting setting_in(const SearchSpace& space, const Fields& fields);

}  // namespace canopy
