// SPDX-License-Identifier: Apache-2.0
#include "nn/id_map_targets.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "nn/roi_align.h"

namespace canopy {
namespace {

TEST(IdMapTargets, equal_roi_align_of_each_objects_own_mask) {
  Random random(3);
  at::Tensor map = at::zeros({70, 90}, at::kInt);
  for (int k = 1; k <= 12; ++k) {
    const std::int64_t y = random.below(60), x = random.below(80);
    map.slice(0, y, y + 5 + random.below(30)).slice(1, x, x + 5 + random.below(30)).fill_(k);
  }
  at::Tensor boxes = at::empty({40, 4});
  std::vector<std::int64_t> ids;
  for (std::int64_t r = 0; r < 40; ++r) {
    const double x = random.uniform(-10, 85), y = random.uniform(-10, 65);
    boxes[r].copy_(at::tensor({x, y, x + random.uniform(0.2, 80), y + random.uniform(0.2, 80)}));
    ids.push_back(1 + random.below(12));
  }
  const at::Tensor targets = id_map_targets(map, boxes, ids);
  for (std::int64_t r = 0; r < 40; ++r) {
    const at::Tensor mask = map.eq(ids[r]).to(at::kFloat).view({1, 1, 70, 90});
    const at::Tensor roi = at::cat({at::zeros({1, 1}), boxes.slice(0, r, r + 1)}, 1);
    EXPECT_TRUE(at::allclose(targets[r], roi_align(mask, roi, 1, {28, 0, false})[0][0], 1e-5, 1e-5))
        << r;
  }
}

TEST(IdMapTargets, an_id_map_of_another_type_is_a_bug) {
  EXPECT_THROW(id_map_targets(at::zeros({4, 4}), at::zeros({0, 4}), {}), Error);
}

}  // namespace
}  // namespace canopy
