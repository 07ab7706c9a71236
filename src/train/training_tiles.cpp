// SPDX-License-Identifier: Apache-2.0
#include "train/training_tiles.h"

#include <algorithm>

#include "base/hash.h"

namespace canopy {

std::vector<ExampleRef> labelled_tiles(const std::vector<ExampleRef>& refs,
                                       const std::string& split) {
  std::vector<ExampleRef> chosen;
  for (const ExampleRef& ref : refs)
    if (ref.split == split && !ref.label_kind.empty() && ref.label_kind != "none")
      chosen.push_back(ref);
  return chosen;
}

std::string sha256_of(const std::vector<ExampleRef>& refs) {
  Sha256 digest;
  for (const ExampleRef& ref : refs) digest.update(ref.tile_id).update("\n");
  return digest.hex();
}

std::unique_ptr<Order> training_order(const std::vector<ExampleRef>& refs, std::int64_t seed) {
  std::vector<double> weights;
  for (const ExampleRef& ref : refs) weights.push_back(ref.weight);
  const bool is_even = std::ranges::all_of(weights, [&](double w) { return w == weights[0]; });
  return is_even ? shuffled_order(std::ssize(refs), static_cast<std::uint64_t>(seed))
                 : weighted_order(weights, std::ssize(refs), static_cast<std::uint64_t>(seed));
}

}  // namespace canopy
