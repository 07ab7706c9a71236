// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace canopy {

/// The mean of `values` to the last bit as numpy.mean has it: the sum of two halves, each in turn
/// of two halves, down to blocks of at most 128 that are summed by eight in step. Rounding grows
/// with the logarithm of the count (Higham, SIAM J. Sci. Comput. 14, 1993). NaN for no values.
double pairwise_mean(std::span<const double> values);

}  // namespace canopy
