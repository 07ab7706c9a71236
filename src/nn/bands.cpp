// SPDX-License-Identifier: Apache-2.0
#include "nn/bands.h"

#include <algorithm>

namespace canopy {

std::vector<std::optional<int>> places_of_model_bands(const std::vector<std::string>& bands) {
  std::vector<std::optional<int>> places;
  for (std::string_view wanted : kModelBands) {
    const auto found = std::find(bands.begin(), bands.end(), wanted);
    places.push_back(found == bands.end() ? std::nullopt
                                          : std::optional(static_cast<int>(found - bands.begin())));
  }
  return places;
}

}  // namespace canopy
