// SPDX-License-Identifier: Apache-2.0
#include "ingest/run_length.h"

#include <algorithm>

#include "base/error.h"
#include "geo/rasterize.h"

namespace canopy {
namespace {

/// A rectangle of a mask with a border, so that pieces are found without looking at all of it.
struct Crop {
  int x = 0, y = 0, width = 0, height = 0;
  std::vector<std::uint32_t> ids;  ///< 0 background, 1 mask not numbered yet, 2 and up pieces
};

Crop crop_of(const std::vector<std::int64_t>& runs, int height) {
  struct Piece {
    int x, y_begin, y_end;
  };
  std::vector<Piece> pieces;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < runs.size(); at += runs[i++]) {
    if (i % 2 == 0) continue;
    for (std::int64_t begin = at; begin < at + runs[i];) {
      const std::int64_t x = begin / height, y = begin % height;
      const std::int64_t end = std::min(at + runs[i], (x + 1) * height);
      pieces.push_back(
          {static_cast<int>(x), static_cast<int>(y), static_cast<int>(end - x * height)});
      begin = end;
    }
  }
  Crop crop;
  if (pieces.empty()) return crop;
  int x_end = 0, y_end = 0;
  crop.x = pieces.front().x;
  crop.y = pieces.front().y_begin;
  for (const Piece& p : pieces) {
    crop.y = std::min(crop.y, p.y_begin);
    x_end = std::max(x_end, p.x + 1);
    y_end = std::max(y_end, p.y_end);
  }
  crop.width = x_end - crop.x;
  crop.height = y_end - crop.y;
  crop.ids.assign(static_cast<std::size_t>(crop.width) * static_cast<std::size_t>(crop.height), 0);
  for (const Piece& p : pieces)
    for (int y = p.y_begin; y < p.y_end; ++y)
      crop.ids[static_cast<std::size_t>(y - crop.y) * static_cast<std::size_t>(crop.width) +
               static_cast<std::size_t>(p.x - crop.x)] = 1;
  return crop;
}

/// Gives each 4-connected piece a number of its own.
void number_pieces(Crop& crop) {
  std::uint32_t next = 2;
  std::vector<std::size_t> stack;
  const auto width = static_cast<std::size_t>(crop.width);
  for (std::size_t seed = 0; seed < crop.ids.size(); ++seed) {
    if (crop.ids[seed] != 1) continue;
    const auto visit = [&](std::size_t i) {
      if (crop.ids[i] != 1) return;
      crop.ids[i] = next;
      stack.push_back(i);
    };
    visit(seed);
    while (!stack.empty()) {
      const std::size_t i = stack.back();
      stack.pop_back();
      if (i % width > 0) visit(i - 1);
      if (i % width + 1 < width) visit(i + 1);
      if (i >= width) visit(i - width);
      if (i + width < crop.ids.size()) visit(i + width);
    }
    ++next;
  }
}

}  // namespace

std::vector<std::int64_t> runs_from_text(const std::string& text) {
  std::vector<std::int64_t> runs;
  for (std::size_t i = 0; i < text.size();) {
    std::int64_t run = 0;
    bool more = true;
    for (int shift = 0; more; shift += 5) {
      require(i < text.size() && shift < 60, "the compressed run lengths end within a number");
      const int digit = text[i++] - 48;
      require(digit >= 0 && digit < 64,
              "the compressed run lengths hold a character that is none of theirs");
      run |= static_cast<std::int64_t>(digit & 31) << shift;
      more = digit & 32;
      if (!more && (digit & 16)) run -= std::int64_t{1} << (shift + 5);
    }
    if (runs.size() > 2) run += runs[runs.size() - 2];
    runs.push_back(run);
  }
  return runs;
}

std::vector<Polygon> outlines_of_runs(const std::vector<std::int64_t>& runs,
                                      int width,
                                      int height) {
  const std::int64_t pixels = static_cast<std::int64_t>(width) * height;
  std::int64_t sum = 0;
  for (const std::int64_t run : runs) {
    require(run >= 0 && run <= pixels, "a run length is negative or longer than the picture");
    sum += run;
  }
  require(sum == pixels, [&] {
    return "its run lengths make " + std::to_string(sum) + " pixels, the picture has " +
           std::to_string(pixels);
  });
  Crop crop = crop_of(runs, height);
  number_pieces(crop);
  std::vector<Polygon> parts;
  if (crop.ids.empty()) return parts;
  for (IdOutline& outline : outlines(crop.ids, crop.width, crop.height)) {
    for (Ring& ring : outline.polygon.rings)
      for (Point& p : ring) p = {p.x + crop.x, p.y + crop.y};
    parts.push_back(std::move(outline.polygon));
  }
  return parts;
}

}  // namespace canopy
