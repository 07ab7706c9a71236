// SPDX-License-Identifier: Apache-2.0
#include "nn/precision.h"

#include <ATen/autocast_mode.h>

#include "base/error.h"

namespace canopy {
namespace {

void set_autocast(bool enabled, at::ScalarType type) {
  for (const at::DeviceType device : {at::kCPU, at::kCUDA}) {
    at::autocast::set_autocast_enabled(device, enabled);
    if (enabled) at::autocast::set_autocast_dtype(device, type);
  }
}

}  // namespace

std::string name_of(Precision precision) {
  switch (precision) {
    case Precision::Fp32:
      return "fp32";
    case Precision::Bf16:
      return "bf16";
    case Precision::Fp16:
      return "fp16";
  }
  throw Error(Fault::Bug, "a precision without a name");
}

Precision precision_of(const std::string& name) {
  for (const Precision precision : {Precision::Fp32, Precision::Bf16, Precision::Fp16})
    if (name == name_of(precision)) return precision;
  throw Error(Fault::User, "precision '" + name + "' is not known; use fp32, bf16 or fp16");
}

PrecisionScope::PrecisionScope(Precision precision) : precision_(precision) {
  if (precision_ == Precision::Fp32) return;
  check(!is_reduced_precision(), "precision scopes do not nest");
  set_autocast(true, precision_ == Precision::Bf16 ? at::kBFloat16 : at::kHalf);
  at::autocast::increment_nesting();
}

PrecisionScope::~PrecisionScope() {
  if (precision_ == Precision::Fp32) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  set_autocast(false, at::kFloat);
}

bool is_reduced_precision() { return at::autocast::is_autocast_enabled(at::kCPU); }

}  // namespace canopy
