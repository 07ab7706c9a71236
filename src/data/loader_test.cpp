// SPDX-License-Identifier: Apache-2.0
#include "data/loader.h"

#include <filesystem>

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/test_tile.h"

namespace canopy {
namespace {

/// A folder store with ten small tiles; the files of those in `broken` hold nonsense.
struct Fixture {
  std::filesystem::path folder;
  std::unique_ptr<BlobStore> store;
  std::vector<ExampleRef> refs;

  explicit Fixture(const std::string& name,
                   std::vector<int> broken = {},
                   int count = 10,
                   int edge = 128) {
    folder = std::filesystem::path(::testing::TempDir()) / ("loader_" + name);
    std::filesystem::remove_all(folder);
    store = open_blob_store(folder.string());
    for (int i = 0; i < count; ++i) {
      const EncodedExample encoded =
          encode(tile_of_crowns(edge, 6, static_cast<std::uint64_t>(i) + 1));
      const std::string uri = example_path(encoded.tile_id);
      const std::vector<std::uint8_t> nonsense(50, 7);
      store->put_if_absent(uri, std::ranges::count(broken, i) > 0 ? nonsense : encoded.bytes);
      refs.push_back({encoded.tile_id, uri, std::ssize(encoded.bytes), "train", "mask", 1});
    }
  }
  ~Fixture() { std::filesystem::remove_all(folder); }

  std::unique_ptr<Loader> loader(LoaderOptions options,
                                 StreamPosition start = {},
                                 bool shuffled = true) const {
    options.crop.size_px = 64;
    std::shared_ptr<const Order> order =
        shuffled ? shuffled_order(std::ssize(refs), 1) : sequential_order(std::ssize(refs));
    return std::make_unique<Loader>(*store, refs, order, options, Normalisation{}, 11, start);
  }
};

bool equal(const Batch& a, const Batch& b) {
  bool same = a.epoch == b.epoch && a.first_position == b.first_position &&
              at::equal(a.planes, b.planes) && at::equal(a.id_maps, b.id_maps) &&
              at::equal(a.ignore, b.ignore);
  for (std::size_t i = 0; i < a.labels.size(); ++i)
    same = same && a.labels[i].tile_id == b.labels[i].tile_id &&
           at::equal(a.labels[i].boxes, b.labels[i].boxes);
  return same;
}

TEST(Loader, batches_are_the_same_for_any_number_of_threads) {
  const Fixture fixture("threads");
  const auto one = fixture.loader({.batch = 3, .threads = 1, .fetch_threads = 1});
  const auto many = fixture.loader({.batch = 3, .threads = 7, .fetch_threads = 5, .prefetch = 6});
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(equal(one->next(), many->next())) << i;
}

TEST(Loader, starting_later_gives_what_came_later) {
  const Fixture fixture("start");
  const auto whole = fixture.loader({.batch = 3, .threads = 2});
  std::vector<Batch> batches;
  StreamPosition at;
  for (int i = 0; i < 9; ++i) {
    if (i == 5) at = whole->position();
    batches.push_back(whole->next());
  }
  EXPECT_EQ(at, (StreamPosition{1, 5}));
  const auto rest = fixture.loader({.batch = 3, .threads = 2}, at);
  for (std::size_t i = 5; i < 9; ++i) EXPECT_TRUE(equal(batches[i], rest->next())) << i;
}

TEST(Loader, an_epoch_has_each_tile_once_and_runs_into_the_next) {
  const Fixture fixture("epoch");
  const auto loader = fixture.loader({.batch = 4});
  std::map<std::string, int> seen;
  for (int i = 0; i < 5; ++i)
    for (const SampleLabels& labels : loader->next().labels) ++seen[labels.tile_id];
  EXPECT_EQ(seen.size(), 10u);
  for (const auto& [tile, times] : seen) EXPECT_EQ(times, 2) << tile;
  EXPECT_EQ(loader->position(), (StreamPosition{2, 0}));
}

TEST(Loader, a_broken_tile_stops_the_run_at_its_place_and_is_named) {
  const Fixture fixture("stop", {4});
  const auto loader = fixture.loader({.batch = 2, .threads = 3}, {}, false);
  EXPECT_NO_THROW(loader->next());
  EXPECT_NO_THROW(loader->next());
  for (int again = 0; again < 2; ++again) try {
      loader->next();
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(fixture.refs[4].tile_id));
      EXPECT_EQ(error.fault(), Fault::User);
    }
}

TEST(Loader, a_broken_tile_is_substituted_by_the_next_and_reported) {
  const Fixture fixture("substitute", {4, 5});
  const LoaderOptions options{
      .batch = 5, .threads = 3, .on_error = "substitute", .most_substituted = 0.5};
  const auto loader = fixture.loader(options, {}, false),
             again = fixture.loader(options, {}, false);
  const Batch first = loader->next();
  EXPECT_EQ(first.labels[4].tile_id, fixture.refs[6].tile_id);
  EXPECT_EQ(loader->next().labels[0].tile_id, fixture.refs[6].tile_id);
  EXPECT_TRUE(equal(first, again->next()));
  const auto failures = loader->failures();
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_THAT(failures[0].message, ::testing::HasSubstr(failures[0].tile_id));
}

TEST(Loader, more_broken_tiles_than_may_be_substituted_stop_it_with_their_number) {
  const Fixture fixture("too_many", {4, 5});
  const LoaderOptions options{
      .batch = 5, .threads = 1, .on_error = "substitute", .most_substituted = 0.05};
  const auto loader = fixture.loader(options, {}, false);
  try {
    for (int i = 0; i < 4; ++i) loader->next();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("2 of"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("most-substituted allows (1)"));
  }
}

TEST(Loader, a_tile_exchanged_for_another_is_found_when_asked) {
  Fixture fixture("verify");
  std::swap(fixture.refs[0].uri, fixture.refs[1].uri);
  std::swap(fixture.refs[0].bytes, fixture.refs[1].bytes);
  EXPECT_NO_THROW(fixture.loader({.batch = 1}, {}, false)->next());
  EXPECT_THROW(fixture.loader({.batch = 1, .verify = true}, {}, false)->next(), Error);
}

TEST(Loader, a_missing_tile_is_not_found) {
  Fixture fixture("missing");
  fixture.refs[0].uri = "no/such.gz";
  try {
    fixture.loader({.batch = 1}, {}, false)->next();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::NotFound);
  }
}

TEST(Loader, closes_while_batches_are_on_their_way) {
  const Fixture fixture("close");
  for (int i = 0; i < 20; ++i) fixture.loader({.batch = 4, .threads = 4, .prefetch = 8});
  const auto loader = fixture.loader({.batch = 1, .threads = 2});
  loader->next();
}

TEST(Loader, counts_what_it_does) {
  const Fixture fixture("stats");
  const auto loader = fixture.loader({.batch = 2});
  for (int i = 0; i < 10; ++i) loader->next();
  const LoaderStats stats = loader->stats();
  EXPECT_EQ(stats.batches, 10);
  EXPECT_GE(stats.samples, 20);
  EXPECT_GT(stats.bytes, 0);
  EXPECT_GT(stats.first_batch_s, 0);
  EXPECT_GT(stats.decode_s, 0);
  EXPECT_GT(stats.cpu_s, 0);
}

TEST(Loader, impossible_requests_are_refused) {
  Fixture fixture("refuse", {}, 2);
  EXPECT_THROW(fixture.loader({.batch = 0}), Error);
  EXPECT_THROW(fixture.loader({.threads = -1}), Error);
  EXPECT_THROW(fixture.loader({.fetch_threads = -1}), Error);
  EXPECT_THROW(fixture.loader({.prefetch = 0}), Error);
  EXPECT_THROW(fixture.loader({.on_error = "hope"}), Error);
  EXPECT_THROW(fixture.loader({}, {0, 2}), Error);
  fixture.refs.clear();
  EXPECT_THROW(
      Loader(*fixture.store, {}, std::shared_ptr<const Order>(sequential_order(1)), {}, {}, 1),
      Error);
}

}  // namespace
}  // namespace canopy
