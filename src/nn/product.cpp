// SPDX-License-Identifier: Apache-2.0
#include "nn/product.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/device.h"
#include "nn/precision.h"

namespace canopy {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// From here on a weight gradient is faster as that of a 1 x 1 convolution, which splits the rows.
constexpr std::int64_t kManyRows = 4096;

/// LibTorch's entry to oneDNN's inner product; its inputs may be views of any strides.
at::Tensor inner_product(const at::Tensor& x,
                         const at::Tensor& w,
                         const std::optional<at::Tensor>& b) {
  using Signature = at::Tensor(const at::Tensor&,
                               const at::Tensor&,
                               const std::optional<at::Tensor>&,
                               std::string_view,
                               c10::List<std::optional<at::Scalar>>,
                               std::optional<std::string_view>);
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
                             .typed<Signature>();
  return op.call(x, w, b, "none", c10::List<std::optional<at::Scalar>>(), "");
}

at::Tensor weight_gradient(const at::Tensor& x, const at::Tensor& grad) {
  if (x.size(0) < kManyRows) return inner_product(grad.t(), x.t(), {});
  const auto as_pixels = [](const at::Tensor& rows) {
    return rows.view({1, rows.size(0), 1, rows.size(1)}).permute({0, 3, 1, 2});
  };
  const at::Tensor shape = at::empty({grad.size(1), x.size(1), 1, 1}, x.options());
  return std::get<1>(at::convolution_backward(as_pixels(grad),
                                              as_pixels(x),
                                              shape,
                                              std::nullopt,
                                              {1, 1},
                                              {0, 0},
                                              {1, 1},
                                              false,
                                              {0, 0},
                                              1,
                                              {false, true, false}))
      .view({grad.size(1), x.size(1)});
}

struct Product : torch::autograd::Function<Product> {
  static at::Tensor forward(AutogradContext* ctx,
                            const at::Tensor& x,
                            const at::Tensor& w,
                            const at::Tensor& b) {
    ctx->save_for_backward({x, w});
    return inner_product(x, w, b);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor grad = grads[0].contiguous();
    variable_list inputs(3);
    if (ctx->needs_input_grad(0)) inputs[0] = inner_product(grad, saved[1].t(), {});
    if (ctx->needs_input_grad(1)) inputs[1] = weight_gradient(saved[0], grad);
    if (ctx->needs_input_grad(2)) inputs[2] = grad.sum(0);
    return inputs;
  }
};

}  // namespace

at::Tensor product(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
  const bool by_onednn = has_kernels(x.device()) && !is_reduced_precision() &&
                         x.scalar_type() == at::kFloat && x.numel() > 0 &&
                         at::globalContext().userEnabledMkldnn();
  if (!by_onednn) return at::linear(x, w, b);
  return Product::apply(x.contiguous(), w, b);
}

}  // namespace canopy
