// SPDX-License-Identifier: Apache-2.0
#include "ingest/stretches.h"

#include <algorithm>

namespace canopy {

Stretches::Stretches(std::int64_t count, int workers) {
  for (std::int64_t w = 0; w < workers; ++w)
    of_worker_.push_back({count * w / workers, count * (w + 1) / workers});
}

std::optional<std::int64_t> Stretches::next(int worker) {
  const std::lock_guard lock(mutex_);
  Stretch& own = of_worker_.at(static_cast<std::size_t>(worker));
  if (own.left() == 0) {
    Stretch& longest = *std::max_element(
        of_worker_.begin(), of_worker_.end(), [](const Stretch& a, const Stretch& b) {
          return a.left() < b.left();
        });
    if (longest.left() == 0) return std::nullopt;
    own = {longest.begin + longest.left() / 2, longest.end};
    longest.end = own.begin;
  }
  return own.begin++;
}

void Stretches::stop() {
  const std::lock_guard lock(mutex_);
  for (Stretch& stretch : of_worker_) stretch.begin = stretch.end;
}

}  // namespace canopy
