// SPDX-License-Identifier: Apache-2.0
#include "tune/naive_loader.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "store/gzip.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

using testing::HasSubstr;

TEST(NaiveLoader, gives_the_batches_of_the_real_one_to_the_bit) {
  const TinyData tiny("naive", LabelKind::Mask);
  const LoaderOptions options = tiny_options().loader;
  const auto order = [] { return std::shared_ptr<const Order>(shuffled_order(4, 7)); };
  Loader real(*tiny.store, tiny.data().refs, order(), options, Normalisation(), 5);
  NaiveLoader naive(*tiny.store, tiny.data().refs, order(), {true, options}, Normalisation(), 5);
  for (int i = 0; i < 5; ++i) {
    const Batch a = real.next(), b = naive.next();
    EXPECT_TRUE(at::equal(a.planes, b.planes)) << i;
    EXPECT_TRUE(at::equal(a.id_maps, b.id_maps)) << i;
    EXPECT_TRUE(at::equal(a.ignore, b.ignore)) << i;
    for (std::size_t n = 0; n < a.labels.size(); ++n) {
      EXPECT_EQ(a.labels[n].tile_id, b.labels[n].tile_id);
      EXPECT_TRUE(at::equal(a.labels[n].boxes, b.labels[n].boxes));
      EXPECT_TRUE(at::equal(a.labels[n].object_ids, b.labels[n].object_ids));
    }
  }
}

TEST(NaiveLoader, masks_an_object_each_become_the_map_again) {
  const at::Tensor ids = at::tensor({0, 2, 2, 5, 5, 0}, at::kInt).view({2, 3});
  const at::Tensor objects = at::tensor({2, 5}, at::kLong);
  const at::Tensor masks = dense_masks(ids, objects);
  EXPECT_EQ(masks.sizes(), (std::vector<std::int64_t>{2, 2, 3}));
  EXPECT_TRUE(at::equal(id_map_of(masks, objects), ids));
}

TEST(NaiveLoader, refuses_what_is_no_tile) {
  EXPECT_THAT(error_of([] { (void)decode_naively({}); }), HasSubstr("no whole gzip member"));
  EXPECT_THAT(error_of([] { (void)decode_naively(gzip(std::vector<std::uint8_t>{})); }),
              HasSubstr("no example of a tile"));
  EXPECT_THAT(error_of([] {
                (void)decode_naively(gzip(std::vector<std::uint8_t>{10, 9}));
              }),
              HasSubstr("cut short"));
}

}  // namespace
}  // namespace canopy
