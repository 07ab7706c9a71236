// SPDX-License-Identifier: Apache-2.0
#include "insight/radiometry.h"

#include <algorithm>
#include <cstdio>

namespace canopy {
namespace {

constexpr std::int64_t kLookPx = 256;
constexpr double kMostSaturated = 0.01;

/// The share of valid pixels of each band that are at the end of its range.
std::vector<double> saturated_shares(const Raster& ortho, double top) {
  std::vector<int> bands;
  for (std::size_t k = 0; k < ortho.bands().size(); ++k) bands.push_back(static_cast<int>(k));
  std::vector<double> at_top(bands.size(), 0);
  double seen = 0;
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 3; ++column) {
      const std::int64_t x = (ortho.width() - kLookPx) * column / 2,
                         y = (ortho.height() - kLookPx) * row / 2;
      const Window window = intersection({x, y, kLookPx, kLookPx}, ortho.window());
      const Pixels pixels = ortho.read(window, bands);
      const std::size_t area = pixels.valid.size();
      for (std::size_t i = 0; i < area; ++i) {
        if (!pixels.valid[i]) continue;
        ++seen;
        for (std::size_t b = 0; b < bands.size(); ++b)
          at_top[b] += pixels.values[b * area + i] >= top;
      }
    }
  for (double& count : at_top) count /= std::max(1.0, seen);
  return at_top;
}

}  // namespace

std::vector<std::string> radiometry_notes(const Raster& ortho) {
  std::vector<std::string> notes;
  const auto nir = ortho.band("nir");
  if (!nir)
    notes.push_back(
        "no near infrared band: NDVI, NDRE and health are not known, dead trees are as the model "
        "says");
  const std::string dtype = ortho.dtype();
  if (nir && dtype == "uint8")
    notes.push_back(
        "8-bit samples are display numbers, not reflectances: indices compare the trees of this "
        "survey, not two dates or farms");
  if (nir && dtype == "uint16" && !ortho.scale(*nir))
    notes.push_back(
        "the file states no scale: are its numbers reflectances? If not, indices compare the trees "
        "of this survey alone");
  if (dtype != "uint8" && dtype != "uint16") return notes;
  const auto shares = saturated_shares(ortho, dtype == "uint8" ? 255 : 65535);
  for (std::size_t b = 0; b < shares.size(); ++b) {
    if (shares[b] < kMostSaturated) continue;
    char share[16];
    std::snprintf(share, sizeof share, "%.0f %%", 100 * shares[b]);
    notes.push_back("band " + ortho.bands()[b] + " is saturated in " + share +
                    " of what was looked at: indices are too low there");
  }
  return notes;
}

}  // namespace canopy
