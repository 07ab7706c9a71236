// SPDX-License-Identifier: Apache-2.0
#include "train/tile_reads.h"

#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "store/slow_store_for_test.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

using std::chrono::milliseconds;

TEST(TileReads, tiles_come_in_the_order_of_the_list_with_several_reads_in_flight) {
  const TinyData tiny("reads", LabelKind::Mask);
  const SlowStore slow(*tiny.store, milliseconds(20), 3);
  std::vector<ExampleRef> list;
  for (int i = 0; i < 24; ++i)
    list.push_back(tiny.data().refs[static_cast<std::size_t>(i * i % 4)]);
  TileReads reads(slow, list);
  for (const ExampleRef& ref : list) EXPECT_EQ(encode(reads.next()).tile_id, ref.tile_id);
  EXPECT_GT(slow.peak(), 1);
  EXPECT_LE(slow.peak(), 3);
  EXPECT_THROW(reads.next(), Error) << "behind the last";
}

TEST(TileReads, no_more_than_a_few_tiles_wait_for_a_reader_that_takes_its_time) {
  const TinyData tiny("reads_few", LabelKind::Box);
  const SlowStore slow(*tiny.store, milliseconds(1), 3);
  TileReads reads(slow, std::vector<ExampleRef>(50, tiny.data().refs[0]));
  reads.next();
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_LE(slow.reads(), 1 + 3);
}

TEST(TileReads, a_tile_that_cannot_be_read_is_told_in_its_place) {
  const TinyData tiny("reads_gone", LabelKind::Box);
  std::vector<ExampleRef> list = tiny.data().refs;
  list[1].uri = "gone";
  TileReads reads(*tiny.store, list);
  EXPECT_NO_THROW(reads.next());
  EXPECT_NE(error_of([&] { reads.next(); }).find(list[1].tile_id), std::string::npos);
  EXPECT_NO_THROW(reads.next());
}

}  // namespace
}  // namespace canopy
