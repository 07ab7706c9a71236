// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// "Did you mean ...?": the candidate with the smallest edit distance (Damerau-Levenshtein, adjacent
// swaps count one).

namespace canopy {

/// The nearest of `candidates`, or nothing when none is within a third of the word's length (at
/// least 1, at most 3).
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean 'model'?", or nothing, to put behind an error.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace canopy
