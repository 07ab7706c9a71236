// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// In which numbers the network computes. Weights are always float32. Under bf16 or fp16 LibTorch's
// autocast brings the convolutions and products of backbone, pyramid and heads to 16 bits; what
// ends a branch (scores, boxes, masks), the pooling of regions, the losses and everything that the
// optimiser does stay in float32.

namespace canopy {

enum class Precision { Fp32, Bf16, Fp16 };

/// "fp32", "bf16", "fp16".
std::string name_of(Precision precision);
/// Throws User, naming the value and what it may be.
Precision precision_of(const std::string& name);

/// The precision of everything that the network does in this scope, on this thread.
class PrecisionScope {
 public:
  explicit PrecisionScope(Precision precision);
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  Precision precision_;
};

/// Whether this thread is in a scope of 16 bits.
bool is_reduced_precision();

}  // namespace canopy
