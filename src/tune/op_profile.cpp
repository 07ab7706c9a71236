// SPDX-License-Identifier: Apache-2.0
#include "tune/op_profile.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include "base/error.h"
#include "nn/product.h"

namespace canopy {
namespace {

using Clock = std::chrono::steady_clock;

struct Open {
  Clock::time_point start;
  double inside_s = 0;  // of operations called from this one
  double flop = 0;
};
/// Operations that run on this thread now, outermost first.
thread_local std::vector<Open> open_operations;

std::mutex mutex;
std::map<std::string, OpTime> totals;
bool is_listening = false;

double elements(const at::Tensor& tensor) { return static_cast<double>(tensor.numel()); }

/// 2 * outputs * (inputs of one group * kernel): each is a multiplication and an addition.
double convolution_flop(const at::Tensor& x, const at::Tensor& w, at::IntArrayRef stride) {
  double positions = static_cast<double>(x.size(0));
  for (std::size_t axis = 2; axis < static_cast<std::size_t>(x.dim()); ++axis)
    positions *= static_cast<double>(x.size(static_cast<std::int64_t>(axis))) /
                 static_cast<double>(stride[std::min(stride.size() - 1, axis - 2)]);
  return 2 * positions * elements(w);
}

/// By the shapes of an operation's inputs; 0 of all that is no product.
double flop_of(const std::string& name, c10::ArrayRef<const c10::IValue> in) {
  const auto is_tensor = [&](std::size_t i) {
    return i < in.size() && in[i].isTensor() && in[i].toTensor().defined();
  };
  if (name == "aten::convolution" && is_tensor(1))
    return convolution_flop(in[0].toTensor(), in[1].toTensor(), in[3].toIntVector());
  if (name == "aten::convolution_backward" && is_tensor(2)) {
    const std::vector<bool> wanted = in.back().toBoolList().vec();
    const double one = convolution_flop(in[1].toTensor(), in[2].toTensor(), in[4].toIntVector());
    return one * (static_cast<int>(wanted[0]) + static_cast<int>(wanted[1]));
  }
  if (name == "mkldnn::_linear_pointwise" && is_tensor(1))
    return 2 * elements(in[0].toTensor()) * static_cast<double>(in[1].toTensor().size(0));
  if (name == "aten::mm" && is_tensor(1))
    return 2 * elements(in[0].toTensor()) * static_cast<double>(in[1].toTensor().size(1));
  if (name == "aten::addmm" && is_tensor(2))
    return 2 * elements(in[1].toTensor()) * static_cast<double>(in[2].toTensor().size(1));
  if (name == "aten::bmm" && is_tensor(1))
    return 2 * elements(in[0].toTensor()) * static_cast<double>(in[1].toTensor().size(2));
  return 0;
}

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  Open open;
  open.flop = flop_of(function.name(), function.inputs());
  open.start = Clock::now();
  open_operations.push_back(open);
  return nullptr;
}

void on_end(const at::RecordFunction& function, at::ObserverContext*) {
  if (open_operations.empty()) return;  // it began before we listened
  const Open open = open_operations.back();
  open_operations.pop_back();
  const double s = std::chrono::duration<double>(Clock::now() - open.start).count();
  if (!open_operations.empty()) open_operations.back().inside_s += s;
  const std::lock_guard lock(mutex);
  OpTime& time = totals[function.name()];
  time.self_s += s - open.inside_s;
  time.flop += open.flop;
  ++time.calls;
}

}  // namespace

OpProfile::OpProfile() {
  const std::lock_guard lock(mutex);
  check(!is_listening, "one profile at a time");
  is_listening = true;
  totals.clear();
  handle_ = at::addGlobalCallback(
      at::RecordFunctionCallback(on_start, on_end)
          .needsInputs(true)
          .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
}

OpProfile::~OpProfile() {
  at::removeCallback(handle_);
  const std::lock_guard lock(mutex);
  is_listening = false;
}

std::map<std::string, OpTime> OpProfile::times() const {
  const std::lock_guard lock(mutex);
  return totals;
}

double OpProfile::flop() const {
  double sum = 0;
  for (const auto& [name, time] : times()) sum += time.flop;
  return sum;
}

double measured_flop_per_s() {
  constexpr std::int64_t kSize = 1536;
  constexpr int kRuns = 5;
  const at::Tensor a = at::rand({kSize, kSize}), b = at::rand({kSize, kSize}),
                   none = at::zeros({kSize});
  product(a, b, none);  // the first call sets up its threads and buffers
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = Clock::now();
    product(a, b, none);
    const double s = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, 2.0 * kSize * kSize * kSize / s);
  }
  return best;
}

}  // namespace canopy
