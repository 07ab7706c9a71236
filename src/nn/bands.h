// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bands that a model may see, in one fixed order, so that one set of weights serves RGB and
// multispectral imagery. A missing band is zero after normalisation.

namespace canopy {

/// The canonical bands of the default model, in the order of its input channels.
inline constexpr std::array<std::string_view, 5> kModelBands = {
    "blue", "green", "red", "red_edge", "nir"};

/// For each canonical band its place among `bands`, or nothing.
std::vector<std::optional<int>> places_of_model_bands(const std::vector<std::string>& bands);

}  // namespace canopy
