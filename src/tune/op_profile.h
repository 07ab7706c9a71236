// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

// Where a piece of work spends its time, by tensor operation, and how many floating-point
// operations its matrix products and convolutions are. It listens to LibTorch's own record
// functions, so it sees forward and backward alike, and nothing of the code under it changes.

namespace canopy {

/// One kind of operation, summed.
struct OpTime {
  double self_s = 0;  ///< without the operations called inside
  std::int64_t calls = 0;
  double flop = 0;  ///< multiplications and additions of convolutions and matrix products
};

/// Listens from construction to destruction, on every thread. One at a time.
class OpProfile {
 public:
  OpProfile();
  ~OpProfile();
  OpProfile(const OpProfile&) = delete;
  OpProfile& operator=(const OpProfile&) = delete;

  /// By name ("aten::convolution_backward"), so far.
  std::map<std::string, OpTime> times() const;
  /// Of all operations, so far.
  double flop() const;

 private:
  std::uint64_t handle_ = 0;
};

/// Floating-point operations per second that one large matrix product reaches here, with the
/// threads that LibTorch has now: the bound that a step can be held against.
double measured_flop_per_s();

}  // namespace canopy
