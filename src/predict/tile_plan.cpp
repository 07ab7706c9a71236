// SPDX-License-Identifier: Apache-2.0
#include "predict/tile_plan.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace canopy {
namespace {

constexpr int kStride = 32;  // of the network's coarsest level

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Where the i-th of n nearly equal parts of `length` begins.
std::int64_t part(std::int64_t length, std::int64_t n, std::int64_t i) { return length * i / n; }

}  // namespace

double TilePlan::overlap_tax() const {
  return static_cast<double>(tiles.size()) * size * size /
         static_cast<double>(std::max<std::int64_t>(1, width * height));
}

TilePlan plan_tiles(std::int64_t width, std::int64_t height, int largest, int halo) {
  require(width > 0 && height > 0, "the mosaic is empty");
  const int core = largest / kStride * kStride - 2 * halo;
  require(core >= kStride,
          "tile-size " + std::to_string(largest) + " leaves no core inside a halo of " +
              std::to_string(halo) + " px; raise tile-size or lower halo");
  TilePlan plan;
  plan.width = width;
  plan.height = height;
  plan.halo = halo;
  plan.columns = divided_up(width, core);
  const std::int64_t rows = divided_up(height, core);
  const std::int64_t widest = std::max(divided_up(width, plan.columns), divided_up(height, rows));
  plan.size = static_cast<int>(divided_up(widest + 2 * std::int64_t{halo}, kStride) * kStride);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < plan.columns; ++column) {
      const std::int64_t x = part(width, plan.columns, column), y = part(height, rows, row);
      const Window own{
          x, y, part(width, plan.columns, column + 1) - x, part(height, rows, row + 1) - y};
      plan.tiles.push_back({own, {x - halo, y - halo, plan.size, plan.size}});
    }
  }
  return plan;
}

}  // namespace canopy
