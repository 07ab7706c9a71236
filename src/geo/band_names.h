// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

// Which band is which: the rules of raster.h, apart from any file.

namespace canopy {

/// The names that the rest of the project knows: blue green red red_edge nir swir thermal pan dsm.
const std::vector<std::string>& known_bands();

/// What people call a band, understood: "Red Edge-740", "Band_4 (nir)", "near infrared", "B" -> a
/// known name, or "alpha". Nothing when no known name is in it, or more than one.
std::optional<std::string> understood_band(const std::string& text);

/// What a file says of one of its bands.
struct BandClue {
  enum class Colour { Unknown, Red, Green, Blue, Gray, Alpha };
  std::string description;
  Colour colour = Colour::Unknown;
};

/// One name per band of the file: a known name, "-" (left out), "alpha" (validity, no colour), the
/// file's own word in lower case, or "band_4" for one that nobody names.
struct BandNames {
  std::vector<std::string> names;
  std::string origin;  ///< "given", "named in the file", "by their number"
};

/// `given` is RasterOptions::bands; `file` stands in front of errors. Throws User: a wrong number
/// of given names, a name twice, a name that is not known.
BandNames name_bands(const std::string& file,
                     const std::vector<BandClue>& clues,
                     const std::vector<std::string>& given);

}  // namespace canopy
