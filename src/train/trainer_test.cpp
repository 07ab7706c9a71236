// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <signal.h>

#include <functional>
#include <numbers>
#include <numeric>
#include <sstream>

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "nn/device.h"
#include "nn/model_file.h"
#include "nn/working_resolution.h"
#include "train/checkpoint.h"
#include "train/source_zoom.h"
#include "train/tfevents.h"
#include "train/tiny_run.h"
#include "train/training_scale.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// Does something after a given step.
class AfterStep : public Progress {
 public:
  AfterStep(std::int64_t step, std::function<void()> action)
      : step_(step), action_(std::move(action)) {}
  void begin(const std::string& stage, std::int64_t, const std::string&) override {
    stage_ = stage;
  }
  void update(std::int64_t done, const std::string& note) override {
    note_ = note;
    if (stage_ == "train" && done == step_) action_();
  }
  void end(const std::string&) override {}
  std::string note_;

 private:
  std::int64_t step_;
  std::function<void()> action_;
  std::string stage_;
};

struct Killed {};

void expect_equal(const NamedTensors& a, const NamedTensors& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
}

void expect_same_end(const fs::path& a, const fs::path& b) {
  const auto first = load_newest_checkpoint(a / "checkpoints"),
             second = load_newest_checkpoint(b / "checkpoints");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->step, second->step);
  EXPECT_EQ(first->at, second->at);
  expect_equal(first->weights, second->weights);
  expect_equal(first->average, second->average);
  expect_equal(first->optimiser, second->optimiser);
  EXPECT_EQ(load_model_info(a / "model.safetensors").score_threshold,
            load_model_info(b / "model.safetensors").score_threshold);
}

std::vector<std::int64_t> steps_of(const fs::path& csv) {
  std::istringstream lines(read_file(csv));
  std::string line;
  std::getline(lines, line);
  std::vector<std::int64_t> steps;
  while (std::getline(lines, line)) steps.push_back(std::stoll(line));
  return steps;
}

TEST(Train, a_killed_run_ends_with_the_weights_of_one_that_was_not) {
  const TinyData tiny("killed", LabelKind::Mask);
  const TrainResult whole =
      train(tiny.data(), tiny_options(), tiny.run("whole"), false, no_progress());
  EXPECT_TRUE(whole.is_done);
  AfterStep kill(3, [] { throw Killed(); });
  EXPECT_THROW(train(tiny.data(), tiny_options(), tiny.run("killed"), false, kill), Killed);
  EXPECT_EQ(load_newest_checkpoint(tiny.run("killed") / "checkpoints")->step, 2);
  const TrainResult resumed = train(tiny.data(), {}, tiny.run("killed"), true, no_progress());
  EXPECT_TRUE(resumed.is_done);
  EXPECT_EQ(resumed.steps, 4);
  expect_same_end(tiny.run("whole"), tiny.run("killed"));
  EXPECT_THAT(steps_of(tiny.run("killed") / "metrics.csv"), ::testing::ElementsAre(1, 2, 3, 4));
  const std::string scores = read_file(tiny.run("whole") / "scores.csv");
  EXPECT_EQ(read_file(tiny.run("killed") / "scores.csv"), scores);
  EXPECT_EQ(std::ranges::count(scores, '\n'), 1 + 3 + 1) << "every training tile, and the val tile";
}

TEST(Train, a_run_killed_before_its_first_checkpoint_starts_again) {
  const TinyData tiny("early", LabelKind::Box);
  TrainOptions options = tiny_options();
  options.steps = 2;
  AfterStep kill(1, [] { throw Killed(); });
  EXPECT_THROW(train(tiny.data(), options, tiny.run("early"), false, kill), Killed);
  EXPECT_TRUE(train(tiny.data(), options, tiny.run("early"), true, no_progress()).is_done);
  EXPECT_THAT(steps_of(tiny.run("early") / "metrics.csv"), ::testing::ElementsAre(1, 2));
}

TEST(Train, an_interrupted_run_leaves_a_checkpoint_and_goes_on) {
  const TinyData tiny("interrupted", LabelKind::Mask);
  AfterStep interrupt(3, [] { set_interrupted(SIGTERM); });
  const TrainResult first = train(tiny.data(), tiny_options(), tiny.run("run"), false, interrupt);
  set_interrupted(0);
  EXPECT_FALSE(first.is_done);
  EXPECT_EQ(first.signal, SIGTERM);
  EXPECT_EQ(first.steps, 3);
  EXPECT_EQ(first.examples_seen, 3 * 2);
  EXPECT_FALSE(fs::exists(tiny.run("run") / "DONE"));
  EXPECT_THAT(interrupt.note_, ::testing::HasSubstr("waiting"));
  const TrainResult second = train(tiny.data(), {}, tiny.run("run"), true, no_progress());
  EXPECT_TRUE(second.is_done);
  EXPECT_EQ(second.steps, 4);
  EXPECT_EQ(second.examples_seen, 1 * 2) << "of this start alone";
}

TEST(Train, a_run_can_be_stopped_after_an_evaluation_and_go_on_later) {
  const TinyData tiny("stopped", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.eval_every = 1;
  train(tiny.data(), options, tiny.run("whole"), false, no_progress());
  std::vector<std::int64_t> asked;
  const AfterEvaluation until_three = [&](std::int64_t step, const auto& figures) {
    EXPECT_TRUE(figures.contains("val_f1") && figures.contains("loss"));
    asked.push_back(step);
    return step < 3;
  };
  const RunFolder run(tiny.run("run"));
  const TrainResult first =
      train(tiny.data(), options, run.path(), false, no_progress(), until_three);
  EXPECT_TRUE(first.is_stopped && !first.is_done);
  EXPECT_EQ(first.signal, 0);
  EXPECT_EQ(first.steps, 3);
  EXPECT_FALSE(run.is_done() || fs::exists(run.model()));
  const auto stopped = nlohmann::json::parse(read_file(run.stopped()));
  EXPECT_EQ(stopped.at("steps"), 3);
  EXPECT_TRUE(stopped.at("figures").contains("val_box_ap50"));
  EXPECT_THAT(asked, ::testing::ElementsAre(1, 2, 3));
  const AfterEvaluation never = [](std::int64_t, const auto&) { return false; };
  const TrainResult second = train(tiny.data(), {}, run.path(), true, no_progress(), never);
  EXPECT_TRUE(second.is_done && !second.is_stopped) << "no step was left to be spared";
  EXPECT_FALSE(run.is_stopped());
  expect_same_end(tiny.run("whole"), run.path());
}

TEST(Train, a_run_is_a_folder_with_all_that_it_was_made_of) {
  const TinyData tiny("folder", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.steps = 2;
  options.eval_every = 2;
  const TrainResult result = train(tiny.data(), options, tiny.run("run"), false, no_progress());
  for (const char* name : {"config.toml",
                           "dataset.json",
                           "env.json",
                           "metrics.csv",
                           "log.jsonl",
                           "DONE",
                           "scores.csv",
                           "model.safetensors",
                           "eval/val.json"})
    EXPECT_TRUE(fs::exists(tiny.run("run") / name)) << name;
  const Model model = load_model(tiny.run("run") / "model.safetensors");
  EXPECT_EQ(model.info.model_id, result.model_id);
  EXPECT_EQ(model.info.dataset_id, "tiny-000000000000");
  EXPECT_FALSE(model.info.trained_gsd_m.empty());
  EXPECT_NEAR(model.info.crown_px_median, 600 * 0.98, 1);
  EXPECT_THAT(read_file(tiny.run("run") / "metrics.csv"), ::testing::HasSubstr("val_box_ap50"));
  int event_files = 0;
  for (const auto& entry : fs::directory_iterator(tiny.run("run")))
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) {
      ++event_files;
      const auto events = read_scalar_events(entry.path());
      EXPECT_TRUE(std::ranges::any_of(
          events, [](const ScalarEvent& e) { return e.tag == "loss" && e.step == 2; }));
    }
  EXPECT_EQ(event_files, 1);
  const TrainResult again = train(tiny.data(), {}, tiny.run("run"), true, no_progress());
  EXPECT_EQ(again.model_id, result.model_id) << "a run that is done is not touched";
}

TEST(Train, a_model_keeps_the_name_that_its_run_was_begun_with) {
  const TinyData tiny("name", LabelKind::Box);
  TrainOptions options = tiny_options();
  options.steps = 2;
  options.name = "walnut";
  AfterStep interrupt(1, [] { set_interrupted(SIGINT); });
  train(tiny.data(), options, tiny.run("run"), false, interrupt);
  set_interrupted(0);
  options.name = "another";
  ASSERT_TRUE(train(tiny.data(), options, tiny.run("run"), true, no_progress()).is_done);
  const ModelInfo info = load_model_info(tiny.run("run") / "model.safetensors");
  EXPECT_EQ(info.name, "walnut");
  EXPECT_EQ(info.run_id, "run");
}

TEST(Train, tiles_are_drawn_in_proportion_to_their_weights) {
  const TinyData tiny("weights", LabelKind::Box);
  TrainingData data = tiny.data();
  data.refs[1].uri = "examples/gone";  // drawn, it would end the run
  EXPECT_THROW(train(data, tiny_options(), tiny.run("even"), false, no_progress()), Error);
  data.refs[1].weight = 0;
  EXPECT_TRUE(train(data, tiny_options(), tiny.run("weighted"), false, no_progress()).is_done);
}

TEST(Train, trees_that_are_points_train_what_they_can) {
  const TinyData tiny("points", LabelKind::Point);
  const TrainResult result =
      train(tiny.data(), tiny_options(), tiny.run("run"), false, no_progress());
  EXPECT_TRUE(result.is_done);
  EXPECT_GT(result.metrics.at("loss").get<double>(), 0);
}

TEST(Train, deterministic_runs_make_the_same_model_on_two_threads) {
  const TinyData tiny("deterministic", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.deterministic = true;
  options.threads = 2;
  const auto id = [&](const char* name) {
    return train(tiny.data(), options, tiny.run(name), false, no_progress()).model_id;
  };
  EXPECT_EQ(id("first"), id("second"));
  options.minutes = 1;
  EXPECT_THROW(id("by_the_clock"), Error);
  options.minutes = 0;
  options.precision = "auto";
  EXPECT_THROW(id("by_measuring"), Error);
}

TEST(Train, a_precision_is_measured_once_and_kept) {
  const TinyData tiny("precision", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.precision = "auto";
  const std::string chosen =
      train(tiny.data(), options, tiny.run("auto"), false, no_progress()).metrics.at("precision");
  EXPECT_TRUE(chosen == "fp32" || chosen == "bf16") << chosen;
  options.precision = "bf16";
  EXPECT_EQ(
      train(tiny.data(), options, tiny.run("bf16"), false, no_progress()).metrics.at("precision"),
      "bf16");
  options.precision = "fp8";
  EXPECT_THROW(train(tiny.data(), options, tiny.run("fp8"), false, no_progress()), Error);
}

TEST(Train, the_loss_falls_on_tiles_that_it_sees_again_and_again) {
  const TinyData tiny("learns", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.steps = 30;
  options.warm_up = 5;
  options.lr = 2e-3;
  options.checkpoint_every = 1000;
  train(tiny.data(), options, tiny.run("run"), false, no_progress());
  std::istringstream lines(read_file(tiny.run("run") / "metrics.csv"));
  std::vector<double> losses;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (int i = 0; i < 5; ++i) std::getline(cells, cell, ',');
    losses.push_back(std::stod(cell));
  }
  ASSERT_EQ(losses.size(), 30u);
  const auto mean = [&](std::size_t from) {
    return std::accumulate(losses.begin() + static_cast<std::ptrdiff_t>(from),
                           losses.begin() + static_cast<std::ptrdiff_t>(from) + 8,
                           0.0) /
           8;
  };
  EXPECT_LT(mean(22), 0.75 * mean(0)) << mean(0) << " -> " << mean(22);
}

TEST(Train, a_gpu_trains_a_model_that_finds_the_same_on_the_cpu) {
  if (cuda_devices() == 0) GTEST_SKIP() << "no GPU at hand: not checked on one";
  const TinyData tiny("gpu", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.device = "cuda";
  const TrainResult result = train(tiny.data(), options, tiny.run("gpu"), false, no_progress());
  ASSERT_TRUE(result.is_done);
  const Model model = load_model(RunFolder(tiny.run("gpu")).model());
  const at::Tensor planes = at::rand({1, 5, 64, 64});
  const Instances here = model.network.detect(planes).front(),
                  there = model.network.on(device_of("cuda")).detect(planes).front();
  ASSERT_EQ(here.boxes.sizes(), there.boxes.sizes());
  EXPECT_TRUE(at::allclose(here.boxes, there.boxes, 1e-3, 1e-2));
}

TEST(Train, a_device_that_is_not_there_is_refused) {
  const TinyData tiny("no_device", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.device = "cuda:99";
  EXPECT_THROW(train(tiny.data(), options, tiny.run("no_device"), false, no_progress()), Error);
  EXPECT_FALSE(std::filesystem::exists(tiny.run("no_device")));
}

TEST(Train, the_scale_of_the_tiles_is_told) {
  const TinyData tiny("scale", LabelKind::Mask);
  const TrainingScale scale = training_scale(*tiny.store, tiny.data().refs, {});
  ASSERT_FALSE(scale.gsd_m.empty());
  EXPECT_LT(scale.gsd_m.front(), 0.1) << "small crowns are magnified";
  EXPECT_NEAR(scale.crown_px_median, 1600 * 0.98, 1);
  EXPECT_TRUE(scale.point_scales.empty());
}

TEST(Train, imagery_with_points_alone_is_worked_on_as_it_was_shown_in_training) {
  const TinyData points("points_scale", LabelKind::Point), masks("masks_scale", LabelKind::Mask);
  const std::vector<ExampleRef> refs = points.data().refs;
  CropOptions options;
  options.point_crown_m = 7;
  const TrainingScale scale = training_scale(*points.store, refs, options);
  ASSERT_EQ(scale.point_scales.size(), 1U);
  const auto [tile_gsd_m, input_gsd_m] = scale.point_scales.front();
  const double crown_px = std::numbers::pi / 4 * 49 / (input_gsd_m * input_gsd_m);
  EXPECT_NEAR(crown_px, 1600 * 0.98, 1) << "seven metres at the size that the network knows";
  ModelInfo info;
  info.point_scales = scale.point_scales;
  const Look nowhere = [](double) -> ProbeResult {
    throw Error(Fault::Bug, "crowns found tell nothing here");
  };
  EXPECT_NEAR(
      source_zoom(info, tile_gsd_m * 1.1, 8, nowhere), tile_gsd_m * 1.1 / input_gsd_m, 1e-9);
  EXPECT_EQ(resolution_of_points(info, tile_gsd_m * 2), std::nullopt);
  EXPECT_EQ(resolution_of_points(info, 0), std::nullopt);

  for (const ExampleRef& ref : refs) {  // among tiles of the same resolution with extents
    const std::vector<std::uint8_t> bytes = points.store->get(ref.uri);
    masks.store->put_if_absent(ref.uri, bytes);
  }
  std::vector<ExampleRef> both = masks.data().refs;
  both.insert(both.end(), refs.begin(), refs.end());
  EXPECT_TRUE(training_scale(*masks.store, both, options).point_scales.empty());
}

TEST(Train, what_cannot_be_trained_on_is_refused) {
  const TinyData tiny("refuse", LabelKind::Mask), other("refuse_other", LabelKind::Box);
  TrainingData nothing = tiny.data();
  for (ExampleRef& ref : nothing.refs) ref.label_kind = "none";
  EXPECT_THROW(train(nothing, tiny_options(), tiny.run("nothing"), false, no_progress()), Error);
  TrainOptions options = tiny_options();
  options.steps = 1;
  train(tiny.data(), options, tiny.run("run"), false, no_progress());
  EXPECT_THROW(train(tiny.data(), options, tiny.run("run"), false, no_progress()), Error);
  fs::remove(tiny.run("run") / "DONE");
  EXPECT_THROW(train(other.data(), options, tiny.run("run"), true, no_progress()), Error);
  EXPECT_THROW(RunFolder(tiny.run("none")).options(), Error);
}

}  // namespace
}  // namespace canopy
