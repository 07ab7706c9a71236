// SPDX-License-Identifier: Apache-2.0
#include "tune/loader_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/error_for_test.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

using testing::HasSubstr;

LoaderBenchOptions small_bench() {
  LoaderBenchOptions options;
  options.samples = 8;
  options.passes = 2;
  options.loader.batch = 2;
  return options;
}

TEST(LoaderBench, delivers_whole_tiles_as_they_are) {
  const TinyData tiny("loader_bench", LabelKind::Mask);
  const LoaderBench bench =
      bench_loader(*tiny.store, tiny.data().refs, small_bench(), no_progress());
  EXPECT_EQ(bench.loader.crop.size_px, 96);
  EXPECT_GE(bench.loader.threads, 1);
  ASSERT_EQ(bench.runs.size(), 2u);
  EXPECT_EQ(bench.runs[0].samples, 8);
  EXPECT_GT(bench.runs[0].bytes, 0);
  EXPECT_GT(bench.per_core_s.median, 0);
}

TEST(LoaderBench, a_simulated_consumer_sets_the_rate) {
  const TinyData tiny("loader_consumer", LabelKind::Mask);
  LoaderBenchOptions options = small_bench();
  options.consumer_per_s = 100;
  const LoaderBench bench = bench_loader(*tiny.store, tiny.data().refs, options, no_progress());
  EXPECT_NEAR(bench.per_s.median, 100, 15);
}

TEST(LoaderBench, finds_the_examples_of_a_folder_that_no_dataset_lists) {
  const TinyData tiny("loader_folder", LabelKind::Mask);
  const std::vector<ExampleRef> refs = examples_in(*tiny.store);
  ASSERT_EQ(refs.size(), 4u);
  EXPECT_EQ(refs[0].tile_id.size(), 64u) << "the folder is part of the name";
}

TEST(LoaderBench, of_an_empty_folder_says_so) {
  const auto store = open_blob_store(testing::TempDir() + "/empty_examples");
  EXPECT_THAT(error_of([&] { (void)examples_in(*store); }), HasSubstr("no file *.example.gz"));
  EXPECT_THAT(error_of([&] { (void)bench_loader(*store, {}, small_bench(), no_progress()); }),
              HasSubstr("no example to load"));
}

TEST(LoaderBench, impossible_requests_are_refused) {
  for (const auto& spoil :
       std::vector<std::function<void(LoaderBenchOptions&)>>{[](auto& o) { o.samples = 0; },
                                                             [](auto& o) { o.passes = 0; },
                                                             [](auto& o) { o.consumer_per_s = -1; },
                                                             [](auto& o) { o.loader.batch = 0; }}) {
    LoaderBenchOptions options;
    spoil(options);
    EXPECT_THROW(options.validate(), Error);
  }
}

TEST(LoaderBench, whole_tiles_must_fit_the_network) {
  const TinyData tiny("loader_odd", LabelKind::Mask);
  const EncodedExample odd = encode(tile_of_crowns(100, 4, 1));
  const std::string uri = example_path(odd.tile_id);
  tiny.store->put_if_absent(uri, odd.bytes);
  const ExampleRef ref{odd.tile_id, uri, std::ssize(odd.bytes), "train", "mask", 1};
  EXPECT_THAT(
      error_of([&] { (void)bench_loader(*tiny.store, {ref}, small_bench(), no_progress()); }),
      HasSubstr("pass --crops"));
}

TEST(Measuring, the_spread_of_an_even_number_of_repeats_has_its_median_between_two) {
  const Spread spread = spread_of({4, 1, 3, 2});
  EXPECT_EQ(spread.median, 2.5);
  EXPECT_EQ(spread.low, 1);
  EXPECT_EQ(spread.high, 4);
}

}  // namespace
}  // namespace canopy
