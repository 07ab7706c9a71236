// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint_writer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

fs::path empty_folder(const std::string& name) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("checkpoint_writer_" + name);
  fs::remove_all(folder);
  return folder;
}

Checkpoint at_step(std::int64_t step, const at::Tensor& weight) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.weights = {{"a.weight", weight}};
  return checkpoint;
}

TEST(CheckpointWriter, what_training_changes_afterwards_is_not_written) {
  const fs::path folder = empty_folder("copy");
  at::Tensor weight = at::zeros({512, 1024});
  CheckpointWriter writer(folder);
  for (const int step : {1, 2, 3}) {
    weight.fill_(step);
    writer.write(at_step(step, weight));
    weight.fill_(-1);  // the next step
  }
  writer.wait();
  const auto loaded = load_newest_checkpoint(folder);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->step, 3);
  EXPECT_TRUE(at::equal(loaded->weights.at("a.weight"), at::full({512, 1024}, 3.0)));
}

TEST(CheckpointWriter, the_one_under_way_is_durable_when_it_goes) {
  const fs::path folder = empty_folder("goes");
  CheckpointWriter(folder).write(at_step(7, at::ones({512, 1024})));
  EXPECT_EQ(load_newest_checkpoint(folder)->step, 7);
}

TEST(CheckpointWriter, what_a_write_died_of_is_thrown_at_the_next) {
  const fs::path folder = empty_folder("died");
  write_file(folder, "a file is where the folder should be");
  CheckpointWriter writer(folder);
  writer.write(at_step(1, at::ones({1})));
  EXPECT_THROW(writer.write(at_step(2, at::ones({1}))), std::exception);
  writer.write(at_step(3, at::ones({1})));
  EXPECT_THROW(writer.wait(), std::exception);
}

}  // namespace
}  // namespace canopy
