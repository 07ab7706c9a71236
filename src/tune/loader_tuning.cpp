// SPDX-License-Identifier: Apache-2.0
#include "tune/loader_tuning.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"

namespace canopy {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Measurements of one trial, each reported as it is done.
class Bench {
 public:
  Bench(const LoaderTrial& trial, const LoaderTuningOptions& options, Progress& progress)
      : trial_(trial), options_(options), progress_(progress) {}

  StageCosts stage_costs() {
    StageCosts costs;
    costs.cores = trial_.cores;
    costs.batch = trial_.batch;
    LoaderSetting one = trial_.in_use;
    one.loader_threads = 1;
    std::vector<Batch> ready;
    {
      const auto loader = trial_.open(one);
      const auto keep = [&](const Batch& batch) {
        if (ready.size() < kReady) ready.push_back(batch);
      };
      run_loader(*loader, keep, enough(options_.seconds / 2));
      const LoaderStats stats = loader->stats();
      const auto samples = static_cast<double>(std::max<std::int64_t>(1, stats.samples));
      costs.fetch_s = stats.fetch_s / samples;
      costs.decode_s = stats.cpu_s / samples;
    }
    for (int threads = 1; threads <= trial_.cores; threads *= 2) {
      one.threads = threads;
      trial_.open(one).reset();  // the consumer hears of its threads
      costs.consumer[threads] = consumer_cost(ready);
    }
    return costs;
  }

  /// Samples a second of a setting, its first batches left out.
  LoaderRun run(const LoaderSetting& setting) {
    const auto loader = trial_.open(setting);
    for (int i = 0; i < std::max(2, setting.prefetch / 2); ++i) trial_.consume(loader->next());
    const LoaderRun run = run_loader(*loader, trial_.consume, enough(options_.seconds));
    progress_.update(++done_);
    return run;
  }

  /// Each of `settings` as often as the options say, in turns: what else happens on the machine
  /// then strikes all.
  std::vector<TriedSetting> in_turns(const std::vector<LoaderSetting>& settings,
                                     const StageCosts& costs) {
    std::vector<TriedSetting> tried(settings.size());
    std::vector<std::vector<double>> rates(settings.size());
    for (int round = 0; round < options_.rounds; ++round)
      for (std::size_t i = 0; i < settings.size(); ++i) {
        const LoaderRun run = this->run(settings[i]);
        rates[i].push_back(run.per_s());
        tried[i].waiting_share = run.waiting_share();
      }
    for (std::size_t i = 0; i < settings.size(); ++i) {
      tried[i].setting = settings[i];
      tried[i].predicted_per_s = predicted_per_s(costs, settings[i]);
      tried[i].per_s = spread_of(rates[i]);
    }
    return tried;
  }

 private:
  static constexpr std::size_t kReady = 4;

  /// For `seconds`, and at least two batches.
  static std::function<bool(std::int64_t, double)> enough(double seconds) {
    return [seconds](std::int64_t batches, double so_far) {
      return batches >= 2 && so_far >= seconds;
    };
  }

  StageCosts::Consumer consumer_cost(const std::vector<Batch>& ready) {
    trial_.consume(ready.front());  // warm-up: memory, kernels
    const double cpu = process_cpu_s();
    const auto start = Clock::now();
    int samples = 0;
    for (std::size_t i = 0; i < 2 || seconds_since(start) < options_.seconds; ++i) {
      trial_.consume(ready[i % ready.size()]);
      samples += trial_.batch;
    }
    return {seconds_since(start) / samples, (process_cpu_s() - cpu) / samples};
  }

  const LoaderTrial& trial_;
  const LoaderTuningOptions& options_;
  Progress& progress_;
  std::int64_t done_ = 0;
};

const TriedSetting& fastest(const std::vector<TriedSetting>& tried) {
  return *std::ranges::max_element(
      tried, [](const auto& a, const auto& b) { return a.per_s.median < b.per_s.median; });
}

/// Runs the whole grid, then its best three beside what the search found.
void compare_with_grid(Bench& bench, const SettingBounds& bounds, LoaderTuning& tuning) {
  for (const LoaderSetting& setting : bounds.all()) {
    const LoaderRun run = bench.run(setting);
    tuning.grid.push_back({setting,
                           predicted_per_s(tuning.costs, setting),
                           spread_of({run.per_s()}),
                           run.waiting_share()});
  }
  std::vector<TriedSetting> sorted = tuning.grid;
  std::ranges::sort(sorted,
                    [](const auto& a, const auto& b) { return a.per_s.median > b.per_s.median; });
  std::vector<LoaderSetting> last = {tuning.best.setting};
  for (std::size_t i = 0; i < std::min<std::size_t>(3, sorted.size()); ++i)
    last.push_back(sorted[i].setting);
  const std::vector<TriedSetting> again = bench.in_turns(last, tuning.costs);
  tuning.best_of_grid = fastest({again.begin() + 1, again.end()});
  tuning.share_of_optimum = again[0].per_s.median / tuning.best_of_grid.per_s.median;
}

}  // namespace

void LoaderTuningOptions::validate() const {
  require(seconds > 0, "seconds must be positive");
  require(candidates >= 1, "candidates must be at least 1");
  require(rounds >= 1, "rounds must be at least 1");
  require(most_fetch_threads >= 0, "most-fetch-threads must not be negative");
  require(most_prefetch >= 1, "most-prefetch must be at least 1");
}

LoaderTuning tune_loader(const LoaderTrial& trial,
                         const LoaderTuningOptions& options,
                         Progress& progress) {
  options.validate();
  const auto start = Clock::now();
  Bench bench(trial, options, progress);
  LoaderTuning tuning;
  progress.begin("stages", 0, "");
  tuning.costs = bench.stage_costs();
  progress.end();
  SettingBounds bounds;
  bounds.fetch_threads =
      options.most_fetch_threads > 0 ? options.most_fetch_threads : 4 * trial.reads_in_flight;
  bounds.loader_threads = bounds.threads = trial.cores;
  bounds.prefetch = options.most_prefetch;
  std::vector<LoaderSetting> settings = best_predicted(tuning.costs, bounds, options.candidates);
  std::erase(settings, trial.in_use);
  settings.insert(settings.begin(), trial.in_use);
  progress.begin("candidates", std::ssize(settings) * options.rounds, "runs");
  tuning.candidates = bench.in_turns(settings, tuning.costs);
  progress.end();
  tuning.in_use = tuning.candidates.front();
  tuning.best = fastest(tuning.candidates);
  tuning.seconds = seconds_since(start);
  if (options.exhaustive) {
    progress.begin("grid", 0, "runs");
    compare_with_grid(bench, bounds, tuning);
    progress.end();
  }
  return tuning;
}

}  // namespace canopy
