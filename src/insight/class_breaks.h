// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace canopy {

/// Cuts values into classes. Returns `classes - 1` breaks, ascending; a value is of class k (0 and
/// up) when k breaks are at most the value. `method`:
///   quantiles  each class has the same weight, as far as equal values allow;
///   jenks      the squares of the distances to the class means are least (Fisher 1958, exact on
///              512 groups of about equal weight).
/// Throws User for another method.
std::vector<double> class_breaks(const std::vector<double>& values,
                                 const std::vector<double>& weights,
                                 int classes,
                                 const std::string& method);

int class_of(double value, const std::vector<double>& breaks);

}  // namespace canopy
