// SPDX-License-Identifier: Apache-2.0
#include "tune/parzen_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/random.h"

namespace canopy {
namespace {

using Place = std::vector<double>;  ///< in [0, 1]^d

constexpr std::array kPrimes = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
constexpr double kShareOfBest = 0.15;
constexpr int kMostBest = 25;

/// The digits of `index` in base `base`, mirrored behind the point.
double radical_inverse(std::int64_t index, int base) {
  double value = 0, digit = 1.0 / base;
  for (; index > 0; index /= base, digit /= base)
    value += digit * static_cast<double>(index % base);
  return value;
}

Place even_place(std::size_t dimensions, std::int64_t number, std::int64_t seed) {
  Random shift(static_cast<std::uint64_t>(seed), 1);
  Random beyond(static_cast<std::uint64_t>(seed), 2, static_cast<std::uint64_t>(number));
  Place place;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const double at = d < kPrimes.size() ? radical_inverse(number, kPrimes[d]) : beyond.uniform();
    place.push_back(std::fmod(at + shift.uniform(), 1.0));
  }
  return place;
}

double normal_share_below(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

/// A mean of kernels: Gaussians cut off at 0 and 1 for numbers, a share of all choices for those.
class Density {
 public:
  Density(const SearchSpace& space, std::vector<Place> centres)
      : space_(space), centres_(std::move(centres)) {
    const auto n = static_cast<double>(centres_.size());
    const auto d = static_cast<double>(space.size());
    const double narrowest = 1 / std::min(100.0, n + 2);
    width_ = std::max(narrowest, 0.15 * std::pow(std::max(1.0, n), -1 / (d + 4)));
  }

  Place draw(Random& random) const {
    const auto which = static_cast<std::size_t>(random.below(std::ssize(centres_) + 1));
    Place place;
    for (std::size_t d = 0; d < space_.size(); ++d) {
      const bool is_wide = which == centres_.size();
      if (space_[d].kind == Parameter::Kind::Choice)
        place.push_back(is_wide || random.chance(kElsewhere) ? random.uniform()
                                                             : centres_[which][d]);
      else
        place.push_back(inside(is_wide ? 0.5 : centres_[which][d], is_wide ? 1 : width_, random));
    }
    return place;
  }

  double log_at(const Place& place) const {
    std::vector<double> logs;
    for (std::size_t i = 0; i <= centres_.size(); ++i) logs.push_back(log_kernel(i, place));
    const double most = *std::ranges::max_element(logs);
    double sum = 0;
    for (const double one : logs) sum += std::exp(one - most);
    return most + std::log(sum / static_cast<double>(logs.size()));
  }

 private:
  static constexpr double kElsewhere = 0.2;  ///< of a kernel, on all choices alike

  static double inside(double centre, double width, Random& random) {
    double x = random.normal(centre, width);
    while (x < 0 || x > 1) x = random.normal(centre, width);
    return x;
  }

  double log_kernel(std::size_t which, const Place& place) const {
    const bool is_wide = which == centres_.size();
    double sum = 0;
    for (std::size_t d = 0; d < space_.size(); ++d) {
      if (space_[d].kind == Parameter::Kind::Choice) {
        const auto choices = static_cast<double>(space_[d].choices.size());
        const bool is_same =
            !is_wide && std::floor(centres_[which][d] * choices) == std::floor(place[d] * choices);
        const double share = is_wide ? 1 : kElsewhere;
        sum += std::log(share / choices + (is_same ? 1 - share : 0));
        continue;
      }
      const double centre = is_wide ? 0.5 : centres_[which][d], width = is_wide ? 1 : width_;
      const double z = (place[d] - centre) / width;
      const double mass =
          normal_share_below((1 - centre) / width) - normal_share_below(-centre / width);
      sum -= z * z / 2 + std::log(width * mass);
    }
    return sum;
  }

  const SearchSpace& space_;
  const std::vector<Place> centres_;
  double width_ = 1;
};

std::optional<Place> place_of(const SearchSpace& space, const Setting& setting) {
  Place place;
  for (const Parameter& parameter : space) {
    const auto found = setting.find(parameter.name);
    if (found == setting.end()) return std::nullopt;
    const auto at = parameter.place_of(found->second);
    if (!at) return std::nullopt;
    place.push_back(*at);
  }
  return place;
}

/// Of two trials the better has the larger rank.
struct Rank {
  int kind = 0;
  std::int64_t step = 0;
  double value = 0;
  auto operator<=>(const Rank&) const = default;
};

Rank rank_of(const Trial& trial) {
  if (trial.state == TrialState::Complete && trial.value) return {2, 0, *trial.value};
  if (trial.state != TrialState::Pruned || trial.reports.empty()) return {};
  const auto& [step, value] = *trial.reports.rbegin();
  return {1, step, std::isnan(value) ? -std::numeric_limits<double>::infinity() : value};
}

Setting setting_at(const SearchSpace& space, const Place& place) {
  Setting setting;
  for (std::size_t d = 0; d < space.size(); ++d)
    setting[space[d].name] = space[d].text_at(place[d]);
  return setting;
}

}  // namespace

Setting propose(const SearchSpace& space,
                const std::vector<Trial>& trials,
                std::int64_t number,
                const ParzenOptions& options) {
  std::vector<std::pair<Rank, Place>> seen;
  std::vector<Setting> tried;
  int ended = 0;
  for (const Trial& trial : trials) {
    const auto place = place_of(space, trial.setting);
    if (!place || trial.state == TrialState::Waiting) continue;
    seen.emplace_back(rank_of(trial), *place);
    tried.push_back(trial.setting);
    ended += trial.state != TrialState::Running;
  }
  if (ended < options.first)
    return setting_at(space, even_place(space.size(), number, options.seed));

  std::ranges::stable_sort(seen, [](const auto& a, const auto& b) { return a.first > b.first; });
  const auto good = std::ranges::count_if(seen, [](const auto& one) { return one.first.kind > 0; });
  const auto best = std::clamp<std::int64_t>(
      std::llround(std::ceil(kShareOfBest * ended)), 1, std::min<std::int64_t>(good, kMostBest));
  std::vector<Place> better, worse;
  for (const auto& [rank, place] : seen)
    (std::ssize(better) < best && rank.kind > 0 ? better : worse).push_back(place);
  const Density likely(space, better), unlikely(space, worse);

  Random random(static_cast<std::uint64_t>(options.seed), 3, static_cast<std::uint64_t>(number));
  Setting chosen;
  double most = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < options.candidates; ++i) {
    Setting setting = setting_at(space, likely.draw(random));
    const Place place = *place_of(space, setting);
    double gain = likely.log_at(place) - unlikely.log_at(place);
    if (std::ranges::count(tried, setting) > 0) gain -= 1e6;  // only where nothing else is left
    if (gain <= most) continue;
    most = gain;
    chosen = std::move(setting);
  }
  return chosen;
}

}  // namespace canopy
