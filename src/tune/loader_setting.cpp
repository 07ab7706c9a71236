// SPDX-License-Identifier: Apache-2.0
#include "tune/loader_setting.h"

#include <dlib/global_optimization.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace canopy {
namespace {

constexpr double kJitter = 0.04;         ///< lost with a window of one batch; half of it with two
constexpr double kPriceOfThread = 1e-3;  ///< between equals
constexpr int kEvaluations = 150;

int exponent_of(int value) { return static_cast<int>(std::floor(std::log2(value))); }

}  // namespace

LoaderSetting setting_of(const TrainOptions& options, int reads_in_flight, int cores) {
  const auto or_else = [](int given, int otherwise) { return given > 0 ? given : otherwise; };
  return {or_else(options.loader.fetch_threads, reads_in_flight),
          or_else(options.loader.threads, std::max(1, cores - 1)),
          options.loader.prefetch,
          or_else(options.threads, cores)};
}

const StageCosts::Consumer& StageCosts::consumer_with(int threads) const {
  check(!consumer.empty(), "the consumer was measured");
  const auto above = consumer.upper_bound(threads);
  return above == consumer.begin() ? above->second : std::prev(above)->second;
}

double predicted_per_s(const StageCosts& costs, const LoaderSetting& setting) {
  const auto rate = [](double workers, double seconds) {
    return workers / std::max(1e-9, seconds);
  };
  const int window = setting.prefetch * costs.batch;
  const StageCosts::Consumer& consumer = costs.consumer_with(setting.threads);
  const double least =
      std::min({rate(std::min(setting.fetch_threads, window), costs.fetch_s),
                rate(std::min({setting.loader_threads, costs.cores, window}), costs.decode_s),
                rate(1, consumer.wall_s),
                rate(costs.cores, costs.decode_s + consumer.cpu_s)});
  const int threads = setting.fetch_threads + setting.loader_threads + setting.threads;
  return least * (1 - kJitter / setting.prefetch) * (1 - kPriceOfThread * std::log2(threads));
}

std::vector<LoaderSetting> SettingBounds::all() const {
  std::vector<LoaderSetting> settings;
  for (int fetch = 1; fetch <= fetch_threads; fetch *= 2)
    for (int loader = 1; loader <= loader_threads; loader *= 2)
      for (int ahead = 1; ahead <= prefetch; ahead *= 2)
        for (int computing = 1; computing <= threads; computing *= 2)
          settings.push_back({fetch, loader, ahead, computing});
  return settings;
}

std::vector<LoaderSetting> best_predicted(const StageCosts& costs,
                                          const SettingBounds& bounds,
                                          int count) {
  std::map<LoaderSetting, double> seen;
  const auto look_at = [&](double fetch, double loader, double ahead, double computing) {
    const auto power = [](double exponent) { return 1 << static_cast<int>(exponent); };
    const LoaderSetting setting{power(fetch), power(loader), power(ahead), power(computing)};
    return seen[setting] = predicted_per_s(costs, setting);
  };
  dlib::matrix<double, 0, 1> low(4), high(4);
  low = 0, 0, 0, 0;
  high = exponent_of(bounds.fetch_threads), exponent_of(bounds.loader_threads),
  exponent_of(bounds.prefetch), exponent_of(bounds.threads);
  // A dimension of one value is none to dlib; what is looked at beyond the bounds is left out
  // below.
  for (long i = 0; i < high.size(); ++i) high(i) = std::max(high(i), 1.0);
  dlib::find_max_global(
      look_at, low, high, {true, true, true, true}, dlib::max_function_calls(kEvaluations));
  std::vector<std::pair<double, LoaderSetting>> ranked;
  for (const auto& [setting, per_s] : seen)
    if (setting.fetch_threads <= bounds.fetch_threads &&
        setting.loader_threads <= bounds.loader_threads && setting.prefetch <= bounds.prefetch &&
        setting.threads <= bounds.threads)
      ranked.emplace_back(per_s, setting);
  std::ranges::stable_sort(ranked, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<LoaderSetting> best;
  for (const auto& [per_s, setting] : ranked)
    if (std::ssize(best) < count) best.push_back(setting);
  return best;
}

}  // namespace canopy
