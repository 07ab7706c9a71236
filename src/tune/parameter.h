// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace canopy {

/// Values of some options, by name, as one writes them: {"lr": "0.0004", "batch": "4"}.
using Setting = std::map<std::string, std::string>;

/// One option that is searched, and what it may be. A search moves in [0, 1]: `text_at` and
/// `place_of` go between that and what one writes. Whole numbers and choices have a cell each, and
/// their place is its middle.
struct Parameter {
  enum class Kind { Number, Whole, Choice };
  std::string name;
  Kind kind = Kind::Number;
  double low = 0, high = 1;               ///< of numbers, both included
  bool is_log = false;                    ///< searched in the logarithm; low is positive then
  std::vector<std::string> choices = {};  ///< of Choice, as one writes them
  bool is_typed = false;                  ///< they are JSON's numbers or flags, not words

  /// `place` lies in [0, 1].
  std::string text_at(double place) const;
  /// Nothing for what it may not be.
  std::optional<double> place_of(const std::string& text) const;

  /// As Optuna writes distributions: {"name": "FloatDistribution", "attributes": {...}}.
  nlohmann::ordered_json distribution() const;
  /// As Optuna keeps values: the number, or which choice. Throws User for what it may not be.
  double number_of(const std::string& text) const;
};

/// The text of a value that Optuna keeps beside its distribution. Throws User for a distribution
/// that is none.
std::string text_of(double number, const nlohmann::ordered_json& distribution);

/// "lr 1e-04..0.002 (log)", for people.
std::string to_text(const Parameter& parameter);

}  // namespace canopy
