// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/random.h"
#include "base/threads.h"
#include "base/trace.h"
#include "data/loader.h"
#include "nn/bands.h"
#include "train/adamw.h"
#include "train/auto_precision.h"
#include "train/average.h"
#include "train/beginning.h"
#include "train/checkpoint_writer.h"
#include "train/evaluate.h"
#include "train/metrics_csv.h"
#include "train/run_end.h"
#include "train/schedule.h"
#include "train/step.h"
#include "train/step_trace.h"
#include "train/tfevents.h"
#include "train/tile_scores.h"
#include "train/training_scale.h"
#include "train/training_tiles.h"

namespace canopy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSkipsInARow = 10;  ///< steps without a finite loss before a run gives up

const std::vector<std::string> kColumns = {"epoch",
                                           "seconds",
                                           "learning_rate",
                                           "loss",
                                           "loss_objectness",
                                           "loss_rpn_box",
                                           "loss_classifier",
                                           "loss_box",
                                           "loss_mask",
                                           "grad_norm",
                                           "loss_scale",
                                           "samples_per_s",
                                           "waiting",
                                           "val_box_ap50",
                                           "val_mask_ap50",
                                           "val_f1"};

/// One start of a run, from its checkpoint (if any) to its end or an interruption.
class Run {
 public:
  Run(const TrainingData& data,
      TrainOptions options,
      RunFolder folder,
      Progress& progress,
      const AfterEvaluation& go_on)
      : data_(data),
        options_(std::move(options)),
        folder_(std::move(folder)),
        progress_(progress),
        go_on_(go_on),
        train_(labelled_tiles(data.refs, "train")),
        val_(labelled_tiles(data.refs, "val")),
        refs_sha256_(sha256_of(train_)),
        order_(training_order(train_, options_.seed)),
        scores_(train_, order_),
        beginning_(beginning_of(options_)),
        network_(beginning_.network.on(device_of(options_.device))),
        optimiser_(
            network_.weights(), network_.trainable(), {.weight_decay = options_.weight_decay}),
        average_(network_.weights(), network_.trainable(), options_.average),
        schedule_(options_, std::ssize(train_)),
        checkpoints_(folder_.checkpoints()) {
    at::set_num_threads(options_.threads > 0 ? options_.threads : available_cores());
    at::globalContext().setDeterministicAlgorithms(options_.deterministic, /*warn_only=*/false);
    at::globalContext().setDeterministicMkldnn(options_.deterministic);
    if (options_.precision != "auto") precision_.precision = precision_of(options_.precision);
    restore();
  }

  TrainResult train_to_the_end() {
    Loader loader(*data_.store,
                  train_,
                  order_,
                  options_.loader,
                  beginning_.info.normalisation,
                  static_cast<std::uint64_t>(options_.seed),
                  at_);
    MetricsCsv csv(folder_.metrics(), kColumns, step_);
    EventsFile events(folder_.path(), step_);
    StepTrace trace(options_.trace, folder_.trace());
    started_ = Clock::now();
    const double seconds_before = seconds_;
    progress_.begin("train", schedule_.total_steps(), "steps");
    while (!schedule_.is_over(step_, seconds_)) {
      trace.before(step_ + 1);
      const Batch batch = loader.next();
      if (options_.precision == "auto" && step_ == 0)
        precision_.precision = measure_precision(network_, batch);
      const double rate = schedule_.learning_rate(step_, seconds_);
      std::map<std::string, double> figures = one_step(batch, rate);
      seconds_ = seconds_before + since_start();
      at_ = loader.position();
      const double waiting = loader.stats().waiting_s / since_start();
      ++steps_here_;
      figures["epoch"] = static_cast<double>(at_.epoch) +
                         static_cast<double>(at_.position) / static_cast<double>(train_.size());
      figures["seconds"] = seconds_;
      figures["learning_rate"] = rate;
      figures["samples_per_s"] = samples_per_s();
      figures["waiting"] = waiting;
      const bool is_evaluated =
          options_.eval_every > 0 && step_ % options_.eval_every == 0 && !val_.empty();
      if (is_evaluated) add_val_figures(figures);
      csv.add(step_, figures);
      events.add(step_, figures);
      progress_.update(step_, note(waiting));
      result_.waiting_share = waiting;
      trace.after(step_);
      result_.is_stopped = is_evaluated && go_on_ && !go_on_(step_, figures) && has_more_steps();
      if (result_.is_stopped) stopped_at_ = figures;
      if (interrupted() != 0 || result_.is_stopped) break;
      if (step_ % options_.checkpoint_every == 0) save();
    }
    trace.finish();
    progress_.end();
    result_.samples_per_s = samples_per_s();
    result_.substituted_tiles = std::ssize(loader.failures());
    result_.bytes_read = loader.stats().bytes;
    save();
    checkpoints_.wait();
    if (has_more_steps())
      leave();
    else
      finish();
    return result_;
  }

 private:
  double since_start() const {
    return std::max(1e-9, std::chrono::duration<double>(Clock::now() - started_).count());
  }
  bool has_more_steps() const { return !schedule_.is_over(step_, seconds_); }
  double samples_per_s() const {
    return static_cast<double>(steps_here_ * options_.loader.batch) / since_start();
  }

  void restore() {
    std::optional<Checkpoint> checkpoint = load_newest_checkpoint(folder_.checkpoints());
    if (!checkpoint) return;
    require(checkpoint->refs_sha256 == refs_sha256_, [&] {
      return folder_.path().string() + " was trained on other tiles; go on with its own dataset '" +
             data_.dataset_id + "'";
    });
    const MaskRcnn saved(options_.network,
                         checkpoint->weights);  // names and shapes are checked here
    const at::NoGradGuard no_grad;
    for (const auto& [name, weight] : saved.weights())
      at::Tensor(network_.weights().at(name)).copy_(weight);
    optimiser_.restore(checkpoint->optimiser, checkpoint->optimiser_steps);
    average_.restore(checkpoint->average);
    scores_.restore(checkpoint->scores);
    step_ = checkpoint->step;
    at_ = checkpoint->at;
    seconds_ = checkpoint->seconds;
    smooth_loss_ = checkpoint->more.value("smooth_loss", 0.0);
    precision_.precision = precision_of(checkpoint->more.at("precision"));
    precision_.scaler.restore(checkpoint->more.at("loss_scale"), checkpoint->more.at("good_steps"));
    saved_step_ = step_;
    log_info("going on after step " + std::to_string(step_));
  }

  void save() {
    if (step_ == saved_step_) return;
    const TraceSpan span("checkpoint");
    Checkpoint checkpoint;
    checkpoint.step = step_;
    checkpoint.at = at_;
    checkpoint.optimiser_steps = optimiser_.steps();
    checkpoint.seconds = seconds_;
    checkpoint.refs_sha256 = refs_sha256_;
    checkpoint.seed = options_.seed;
    checkpoint.more = {{"smooth_loss", smooth_loss_},
                       {"precision", name_of(precision_.precision)},
                       {"loss_scale", precision_.scaler.scale()},
                       {"good_steps", precision_.scaler.good_steps()}};
    checkpoint.weights = network_.weights();
    checkpoint.average = average_.averages();
    checkpoint.optimiser = optimiser_.state();
    checkpoint.scores = scores_.state();
    checkpoints_.write(std::move(checkpoint));
    saved_step_ = step_;
  }

  std::map<std::string, double> one_step(const Batch& batch, double rate) {
    const TraceSpan span("step");
    const std::uint64_t seed =
        mix(static_cast<std::uint64_t>(options_.seed)) + static_cast<std::uint64_t>(step_);
    const StepOutcome outcome =
        train_step(network_, batch, options_, rate, seed, optimiser_, precision_);
    ++step_;
    if (outcome.has_overflowed) return outcome.figures;
    if (outcome.was_skipped) {
      std::string tiles;
      for (const SampleLabels& labels : batch.labels) tiles += " " + labels.tile_id;
      log_warning("step " + std::to_string(step_) +
                  ": the loss is not a number; skipped. Tiles:" + tiles);
      require(++skipped_in_a_row_ < kSkipsInARow, [&] {
        return "the loss is not a number since step " + std::to_string(step_ - kSkipsInARow + 1) +
               "; lower lr (now " + std::to_string(options_.lr) +
               ") or look at the tiles in log.jsonl";
      });
      return outcome.figures;
    }
    skipped_in_a_row_ = 0;
    average_.update(optimiser_.steps());  // a decay of 0 keeps the last step's weights
    const double loss = outcome.figures.at("loss");
    smooth_loss_ = optimiser_.steps() == 1 ? loss : 0.95 * smooth_loss_ + 0.05 * loss;
    scores_.see(batch, outcome.own_losses, step_, smooth_loss_);
    return outcome.figures;
  }

  std::string note(double waiting) const {
    char text[160];
    std::snprintf(text,
                  sizeof text,
                  "%.1f/s   loss %.3f   waiting %.1f %%",
                  samples_per_s(),
                  smooth_loss_,
                  100 * waiting);
    std::string line = text;
    const double left = schedule_.seconds_left(step_, seconds_);
    if (schedule_.total_steps() == 0 && left >= 0) line += "   left " + format_duration(left);
    if (options_.usd_per_hour > 0) {
      std::snprintf(text, sizeof text, "   $%.2f", seconds_ / 3600 * options_.usd_per_hour);
      line += text;
    }
    return line;
  }

  Model current_model() const {
    ModelInfo info;
    info.run_id = folder_.path().filename().string();
    info.name = options_.name.empty() ? info.run_id : options_.name;
    info.dataset_id = data_.dataset_id;
    info.config = options_.network;
    info.classes = beginning_.info.classes;
    info.normalisation = beginning_.info.normalisation;
    info.bands.assign(kModelBands.begin(), kModelBands.begin() + options_.network.bands);
    const TrainingScale scale = training_scale(*data_.store, train_, options_.loader.crop);
    info.trained_gsd_m = scale.gsd_m;
    info.point_scales = scale.point_scales;
    info.crown_px_median = scale.crown_px_median;
    NamedTensors weights = average_.averaged(network_.weights());
    return {info, MaskRcnn(options_.network, std::move(weights))};
  }

  EvaluateOptions evaluate_options() const {
    EvaluateOptions options;
    options.tiles = options_.eval_tiles;
    options.resamples = 0;
    options.compute.device = options_.device;
    return options;
  }

  void add_val_figures(std::map<std::string, double>& figures) {
    const TraceSpan span("evaluate");
    const EvalReport report =
        evaluate(current_model(), *data_.store, val_, evaluate_options(), no_progress());
    figures["val_box_ap50"] = report.box.coco.ap50;
    if (report.mask) figures["val_mask_ap50"] = report.mask->coco.ap50;
    figures["val_f1"] = report.trees.f1.value;
  }

  /// Before its end: what there is to know so far, and no model.
  void leave() {
    const std::string how = result_.is_stopped ? "stopped" : "interrupted";
    log_info(how + " after step " + std::to_string(step_) + "; a checkpoint was written");
    result_.signal = interrupted();
    scores_.write(folder_.scores(), {}, 0, step_);
    fill_result();
    if (result_.is_stopped) write_stopped(folder_, result_, stopped_at_);
  }

  /// The model with its threshold, the val figures, and DONE.
  void finish() {
    Model model = current_model();
    // Where nothing is held out, the last tenth of the training tiles must do for the one number
    // that is chosen.
    const std::int64_t tail = std::max<std::int64_t>(1, std::ssize(train_) / 10);
    const std::vector<ExampleRef> held =
        val_.empty() ? std::vector<ExampleRef>(train_.end() - tail, train_.end()) : val_;
    const std::vector<Scene> scenes =
        find_scenes(model, *data_.store, held, evaluate_options(), progress_);
    ReportOptions report_options;
    report_options.threads = available_cores();
    // By boxes: every picture has them, save those of points, which have no say.
    std::vector<Scene> with_boxes;
    std::ranges::copy_if(scenes, std::back_inserter(with_boxes), [](const Scene& scene) {
      return !scene.has_points;
    });
    report_options.score_threshold = model.info.score_threshold =
        best_score_threshold(with_boxes, {Overlap::Box, 0.4}).threshold;
    const EvalReport report = make_report(scenes, report_options);
    const std::string split = val_.empty() ? "train_tail" : "val";
    write_file(folder_.eval() / (split + ".json"), to_json(report).dump(2) + "\n");
    result_.metrics = {{"loss", smooth_loss_},
                       {"score_threshold", model.info.score_threshold},
                       {"threshold_from", split},
                       {"precision", name_of(precision_.precision)},
                       {"f1", report.trees.f1.value},
                       {"box_ap50", report.box.coco.ap50}};
    if (report.mask) result_.metrics["mask_ap50"] = report.mask->coco.ap50;
    model.info.metrics = result_.metrics;
    scores_.write(folder_.scores(), scenes, model.info.score_threshold, step_);
    result_.model_id = save_model(folder_.model(), model);
    result_.is_done = true;
    fill_result();
    write_done(folder_, result_);
  }

  void fill_result() {
    result_.steps = step_;
    result_.examples_seen = steps_here_ * options_.loader.batch;
    result_.seconds = seconds_;
  }

 private:
  const TrainingData& data_;
  const TrainOptions options_;
  const RunFolder folder_;
  Progress& progress_;
  const AfterEvaluation& go_on_;
  const std::vector<ExampleRef> train_, val_;
  const std::string refs_sha256_;
  const std::shared_ptr<const Order> order_;
  TileScores scores_;
  const Model beginning_;
  const MaskRcnn network_;  // its weights change as it trains
  AdamW optimiser_;
  StepPrecision precision_;
  WeightAverage average_;
  const Schedule schedule_;
  CheckpointWriter checkpoints_;
  Clock::time_point started_ = Clock::now();
  std::int64_t step_ = 0, steps_here_ = 0, saved_step_ = -1;
  StreamPosition at_;
  double seconds_ = 0, smooth_loss_ = 0;
  int skipped_in_a_row_ = 0;
  std::map<std::string, double> stopped_at_;
  TrainResult result_;
};

}  // namespace

void require_trainable(const TrainingData& data,
                       const TrainOptions& options,
                       const std::filesystem::path& path,
                       bool resume) {
  check(data.store != nullptr, "a store to train from");
  require(!labelled_tiles(data.refs, "train").empty(),
          "the dataset has no labelled tile in its split 'train'");
  const RunFolder folder(path);
  if (resume && folder.exists()) return;
  options.validate();
  with_architecture(options);
  folder.require_new();
}

TrainResult train(const TrainingData& data,
                  const TrainOptions& options,
                  const std::filesystem::path& path,
                  bool resume,
                  Progress& progress,
                  const AfterEvaluation& go_on) {
  require_trainable(data, options, path, resume);
  const RunFolder folder(path);
  if (resume && folder.is_done()) return read_done(folder);
  if (!(resume && folder.exists())) folder.create(with_architecture(options), data.manifest);
  folder.sweep();
  std::filesystem::remove(folder.stopped());
  const LogFile log_file(folder.log());
  const auto skipped = std::ranges::count(data.refs, std::string("train"), &ExampleRef::split) -
                       std::ssize(labelled_tiles(data.refs, "train"));
  if (skipped > 0)
    log_warning(std::to_string(skipped) + " training tiles have no labels; left out");
  return Run(data, folder.options(), folder, progress, go_on).train_to_the_end();
}

}  // namespace canopy
