// SPDX-License-Identifier: Apache-2.0
#include "geo/picture.h"

#include <algorithm>
#include <cmath>

#include <gdal_priv.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "geo/gdal_errors.h"

namespace canopy {

Picture::Picture(int w, int h, Colour background) : width(w), height(h) {
  check(w >= 0 && h >= 0, "a picture has no negative size");
  rgb.reserve(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * 3);
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(w) * h; ++i)
    rgb.insert(rgb.end(), background.begin(), background.end());
}

void Picture::set(int x, int y, Colour colour) {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  std::copy(
      colour.begin(), colour.end(), rgb.begin() + (static_cast<std::int64_t>(y) * width + x) * 3);
}

Colour Picture::get(int x, int y) const {
  check(x >= 0 && y >= 0 && x < width && y < height, "a pixel that is looked at is in the picture");
  const auto at = rgb.begin() + (static_cast<std::int64_t>(y) * width + x) * 3;
  return {at[0], at[1], at[2]};
}

void Picture::line(Point a, Point b, Colour colour, int thickness) {
  // A square pen every half pixel. Far ends are cut off first, so that a stray point costs nothing.
  const double margin = thickness + 1.0;
  double from = 0, to = 1;
  const auto clip = [&](double start, double step, double low, double high) {
    if (step == 0) {
      if (start < low || start > high) to = -1;
      return;
    }
    const double enter = (low - start) / step, leave = (high - start) / step;
    from = std::max(from, std::min(enter, leave));
    to = std::min(to, std::max(enter, leave));
  };
  clip(a.x, b.x - a.x, -margin, width + margin);
  clip(a.y, b.y - a.y, -margin, height + margin);
  if (!(from <= to)) return;
  const double length = std::hypot(b.x - a.x, b.y - a.y) * (to - from);
  const int steps = std::max(1, static_cast<int>(std::ceil(2 * length)));
  const double half = (thickness - 1) / 2.0;
  for (int i = 0; i <= steps; ++i) {
    const double t = from + (to - from) * i / steps;
    const int x = static_cast<int>(std::floor(a.x + t * (b.x - a.x) - half));
    const int y = static_cast<int>(std::floor(a.y + t * (b.y - a.y) - half));
    for (int dy = 0; dy < thickness; ++dy)
      for (int dx = 0; dx < thickness; ++dx) set(x + dx, y + dy, colour);
  }
}

void Picture::disc(Point centre, double radius, Colour colour) {
  const int top = std::max(0, static_cast<int>(std::floor(centre.y - radius)));
  const int left = std::max(0, static_cast<int>(std::floor(centre.x - radius)));
  for (int y = top; y < height && y <= centre.y + radius; ++y)
    for (int x = left; x < width && x <= centre.x + radius; ++x)
      if (std::hypot(x + 0.5 - centre.x, y + 0.5 - centre.y) <= radius) set(x, y, colour);
}

void Picture::outline(const Polygon& polygon, Colour colour, int thickness) {
  for (const Ring& ring : polygon.rings)
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++)
      line(ring[j], ring[i], colour, thickness);
}

void write_png(const std::filesystem::path& path, const Picture& picture) {
  check(picture.width > 0 && picture.height > 0, "a picture that is written has pixels");
  GdalErrors errors;
  AtomicFile file(path);
  GDALDriverManager& drivers = *GetGDALDriverManager();
  GDALDriver *memory = drivers.GetDriverByName("MEM"), *png = drivers.GetDriverByName("PNG");
  if (memory == nullptr || png == nullptr)
    throw Error(Fault::Environment, "GDAL has no PNG driver; install libgdal");
  GDALDatasetUniquePtr pixels(
      memory->Create("", picture.width, picture.height, 3, GDT_Byte, nullptr));
  const auto failed = [&] {
    return Error(Fault::Environment, path.string() + ": cannot be written" + errors.suffix());
  };
  if (pixels == nullptr || pixels->RasterIO(GF_Write,
                                            0,
                                            0,
                                            picture.width,
                                            picture.height,
                                            const_cast<std::uint8_t*>(picture.rgb.data()),
                                            picture.width,
                                            picture.height,
                                            GDT_Byte,
                                            3,
                                            nullptr,
                                            3,
                                            3 * static_cast<GSpacing>(picture.width),
                                            1,
                                            nullptr) != CE_None)
    throw failed();
  GDALDatasetUniquePtr written(
      png->CreateCopy(file.path().c_str(), pixels.get(), FALSE, nullptr, nullptr, nullptr));
  const bool ok = written != nullptr;
  written.reset();
  if (!ok || errors.failed()) throw failed();
  file.commit();
}

Picture beside(const std::vector<Picture>& parts, int gap) {
  int width = 0, height = 0;
  for (const Picture& part : parts) {
    width += part.width + (width > 0 ? gap : 0);
    height = std::max(height, part.height);
  }
  Picture whole(width, height);
  int left = 0;
  for (const Picture& part : parts) {
    for (int y = 0; y < part.height; ++y)
      std::copy_n(part.rgb.begin() + static_cast<std::int64_t>(y) * part.width * 3,
                  part.width * 3,
                  whole.rgb.begin() + (static_cast<std::int64_t>(y) * width + left) * 3);
    left += part.width + gap;
  }
  return whole;
}

}  // namespace canopy
