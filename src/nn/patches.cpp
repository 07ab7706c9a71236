// SPDX-License-Identifier: Apache-2.0
#include "nn/patches.h"

#include <cstring>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/device.h"

namespace canopy {
namespace {

/// Calls visit(level, offset in the level's [N, H, W, C] map, offset in the rows) for each pixel of
/// each patch.
template <class Visit>
void for_each_pixel(const at::Tensor& cells, const std::vector<std::int64_t>& shapes, Visit visit) {
  const std::int64_t* cell = cells.const_data_ptr<std::int64_t>();
  for (std::int64_t s = 0; s < cells.size(0); ++s, cell += 4) {
    const std::int64_t *shape = &shapes[4 * cell[0]], channels = shape[1];
    for (int k = 0; k < 9; ++k) {
      const std::int64_t row = cell[2] + k / 3 - 1, column = cell[3] + k % 3 - 1;
      if (row >= 0 && row < shape[2] && column >= 0 && column < shape[3])
        visit(static_cast<std::size_t>(cell[0]),
              ((cell[1] * shape[2] + row) * shape[3] + column) * channels,
              (s * 9 + k) * channels);
    }
  }
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Patches : torch::autograd::Function<Patches> {
  static at::Tensor forward(AutogradContext* ctx,
                            at::TensorList features,
                            const at::Tensor& cells) {
    std::vector<std::int64_t> shapes;
    std::vector<at::Tensor> maps;
    for (const at::Tensor& f : features) {
      shapes.insert(shapes.end(), f.sizes().begin(), f.sizes().end());
      maps.push_back(f.permute({0, 2, 3, 1}).contiguous());
    }
    const std::int64_t channels = shapes[1];
    at::Tensor rows = at::zeros({cells.size(0), 9 * channels}, features[0].options());
    float* to = rows.mutable_data_ptr<float>();
    for_each_pixel(cells, shapes, [&](std::size_t level, std::int64_t pixel, std::int64_t row) {
      std::memcpy(to + row, maps[level].const_data_ptr<float>() + pixel, channels * sizeof(float));
    });
    ctx->save_for_backward({cells});
    ctx->saved_data["shapes"] = shapes;
    return rows;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const std::vector<std::int64_t> shapes = ctx->saved_data["shapes"].toIntVector();
    const std::int64_t channels = shapes[1];
    const at::Tensor rows = grads[0].contiguous();
    variable_list maps;
    for (std::size_t i = 0; i < shapes.size(); i += 4)
      maps.push_back(
          at::zeros({shapes[i], shapes[i + 2], shapes[i + 3], shapes[i + 1]}, rows.options()));
    const float* from = rows.const_data_ptr<float>();
    for_each_pixel(ctx->get_saved_variables()[0],
                   shapes,
                   [&](std::size_t level, std::int64_t pixel, std::int64_t row) {
                     float* to = maps[level].mutable_data_ptr<float>() + pixel;
                     for (std::int64_t c = 0; c < channels; ++c) to[c] += from[row + c];
                   });
    for (at::Tensor& map : maps) map = map.permute({0, 3, 1, 2});
    maps.emplace_back();
    return maps;
  }
};

}  // namespace

at::Tensor gather_patches(const std::vector<at::Tensor>& features, const std::vector<Cell>& cells) {
  std::vector<at::Tensor> exact;
  for (const at::Tensor& f : features) exact.push_back(f.to(at::kFloat));
  if (!has_kernels(features[0].device())) return patches_by_index(exact, cells);
  static_assert(sizeof(Cell) == 4 * sizeof(std::int64_t));
  at::Tensor places = at::empty({static_cast<std::int64_t>(cells.size()), 4}, at::kLong);
  if (!cells.empty())
    std::memcpy(places.mutable_data_ptr<std::int64_t>(), cells.data(), cells.size() * sizeof(Cell));
  return Patches::apply(at::TensorList(exact), places);
}

at::Tensor patches_by_index(const std::vector<at::Tensor>& features,
                            const std::vector<Cell>& cells) {
  const std::int64_t channels = features[0].size(1);
  std::vector<at::Tensor> tables;
  std::vector<std::int64_t> begins, rows;
  std::int64_t outside = 0;
  for (const at::Tensor& map : features) {
    tables.push_back(map.permute({0, 2, 3, 1}).reshape({-1, channels}));
    begins.push_back(outside);
    outside += tables.back().size(0);
  }
  tables.push_back(at::zeros({1, channels}, features[0].options()));
  for (const Cell& cell : cells)
    for (int k = 0; k < 9; ++k) {
      const std::int64_t height = features[cell.level].size(2),
                         width = features[cell.level].size(3), y = cell.row + k / 3 - 1,
                         x = cell.column + k % 3 - 1;
      const bool is_inside = y >= 0 && y < height && x >= 0 && x < width;
      rows.push_back(is_inside ? begins[cell.level] + (cell.picture * height + y) * width + x
                               : outside);
    }
  const at::Tensor index = at::tensor(rows, at::kLong).to(features[0].device());
  return at::cat(tables).index_select(0, index).view({-1, 9 * channels});
}

}  // namespace canopy
