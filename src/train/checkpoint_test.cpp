// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.h"

#include <fstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

fs::path empty_folder(const std::string& name) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("checkpoint_" + name);
  fs::remove_all(folder);
  return folder;
}

Checkpoint at_step(std::int64_t step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.at = {2, 31};
  checkpoint.optimiser_steps = step - 1;
  checkpoint.seconds = 12.5;
  checkpoint.refs_sha256 = "abc";
  checkpoint.seed = 9;
  checkpoint.more = {{"losses", {1, 2}}};
  checkpoint.weights = {
      {"a.weight", at::full({2, 3}, static_cast<double>(step)).set_requires_grad(true)}};
  checkpoint.average = {{"a.weight", at::ones({2, 3})}};
  checkpoint.optimiser = {{"mean/a.weight", at::zeros({2, 3})}};
  return checkpoint;
}

TEST(Checkpoint, comes_back_whole) {
  const fs::path folder = empty_folder("whole");
  save_checkpoint(folder, at_step(7));
  const auto loaded = load_newest_checkpoint(folder);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->step, 7);
  EXPECT_EQ(loaded->at, (StreamPosition{2, 31}));
  EXPECT_EQ(loaded->optimiser_steps, 6);
  EXPECT_EQ(loaded->seconds, 12.5);
  EXPECT_EQ(loaded->refs_sha256, "abc");
  EXPECT_EQ(loaded->seed, 9);
  EXPECT_EQ(loaded->more.at("losses").size(), 2u);
  EXPECT_TRUE(at::equal(loaded->weights.at("a.weight"), at::full({2, 3}, 7.0)));
  EXPECT_TRUE(at::equal(loaded->average.at("a.weight"), at::ones({2, 3})));
  EXPECT_EQ(loaded->optimiser.size(), 1u);
}

TEST(Checkpoint, the_last_three_are_kept) {
  const fs::path folder = empty_folder("three");
  for (const int step : {5, 50, 500, 5000}) save_checkpoint(folder, at_step(step));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 6);
  EXPECT_EQ(load_newest_checkpoint(folder)->step, 5000);
  EXPECT_FALSE(fs::exists(folder / "step-00000005.json"));
}

TEST(Checkpoint, a_broken_one_gives_way_to_the_one_before) {
  const fs::path folder = empty_folder("broken");
  for (const int step : {1, 2, 3}) save_checkpoint(folder, at_step(step));
  write_file(folder / "step-00000003.json", "{\"step\": 3");
  std::fstream(folder / "step-00000002.safetensors",
               std::ios::in | std::ios::out | std::ios::binary)
          .seekp(-1, std::ios::end)
      << 'x';
  EXPECT_EQ(load_newest_checkpoint(folder)->step, 1);
}

TEST(Checkpoint, tensors_without_their_commit_are_none) {
  const fs::path folder = empty_folder("uncommitted");
  EXPECT_FALSE(load_newest_checkpoint(folder).has_value());
  save_checkpoint(folder, at_step(1));
  fs::remove(folder / "step-00000001.json");
  EXPECT_FALSE(load_newest_checkpoint(folder).has_value());
}

TEST(Checkpoint, at_least_one_must_be_kept) {
  EXPECT_THROW(save_checkpoint(empty_folder("none"), at_step(1), 0), Error);
}

}  // namespace
}  // namespace canopy
