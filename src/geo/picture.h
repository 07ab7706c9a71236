// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "geo/polygon.h"

// Small pictures to look at: previews, test renders, report figures. 8-bit RGB.

namespace canopy {

using Colour = std::array<std::uint8_t, 3>;

struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  ///< height * width * 3
  Picture() = default;
  Picture(int width, int height, Colour background = {255, 255, 255});
  void set(int x, int y, Colour colour);  ///< outside is ignored
  Colour get(int x, int y) const;
  void line(Point a_px, Point b_px, Colour colour, int thickness = 1);
  void disc(Point centre_px, double radius_px, Colour colour);
  void outline(const Polygon& polygon_px, Colour colour, int thickness = 1);
};

/// Atomic. Throws Environment.
void write_png(const std::filesystem::path& path, const Picture& picture);
/// `parts` side by side, with a gap of white.
Picture beside(const std::vector<Picture>& parts, int gap = 8);

}  // namespace canopy
