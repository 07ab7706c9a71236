// SPDX-License-Identifier: Apache-2.0
#include "store/slab.h"

#include <gtest/gtest.h>

#include "base/threads.h"

namespace canopy {
namespace {

TEST(Slab, is_used_again_for_what_fits_and_not_while_someone_has_it) {
  std::shared_ptr<std::uint8_t> first = take_slab(300'000);
  const std::uint8_t* const place = first.get();
  const std::shared_ptr<std::uint8_t> second = take_slab(300'000);
  EXPECT_NE(second.get(), place);
  const std::shared_ptr<std::uint8_t> copy = first;
  first.reset();
  EXPECT_NE(take_slab(300'000).get(), place) << "a copy still has it";
}

TEST(Slab, threads_never_share_one) {
  parallel_for(8, 8, [](std::int64_t i) {
    for (int round = 0; round < 200; ++round) {
      const std::shared_ptr<std::uint8_t> slab = take_slab(100'000);
      const auto mark = static_cast<std::uint8_t>(i);
      std::fill_n(slab.get(), 100'000, mark);
      ASSERT_TRUE(std::all_of(slab.get(), slab.get() + 100'000, [&](auto b) { return b == mark; }));
    }
  });
}

TEST(Plane, a_copy_has_bytes_of_its_own_and_a_moved_one_keeps_its_place) {
  const std::shared_ptr<std::uint8_t> slab = take_slab(8);
  std::fill_n(slab.get(), 8, std::uint8_t{7});
  Plane part(slab, {slab.get() + 2, 4});
  Plane copy = part;
  EXPECT_EQ(copy, part);
  copy[0] = 9;
  EXPECT_EQ(part[0], 7);
  EXPECT_NE(copy, part);
  const Plane moved = std::move(part);
  EXPECT_EQ(moved.data(), slab.get() + 2);
  copy = moved;
  EXPECT_EQ(copy, moved);
  EXPECT_NE(copy.data(), moved.data());
}

}  // namespace
}  // namespace canopy
