// SPDX-License-Identifier: Apache-2.0
#include "registry/run_cost.h"

#include "base/error.h"

namespace canopy {
namespace {

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

double examples_per_hour(const CostSheet& sheet) {
  return ratio(static_cast<double>(sheet.examples_seen), sheet.wall_s / 3600);
}

}  // namespace

double CostSheet::usd_per_example_seen() const {
  return ratio(usd, static_cast<double>(examples_seen));
}

double CostSheet::usd_per_dataset_example() const {
  return ratio(usd, static_cast<double>(dataset_examples));
}

double CostSheet::share_seen() const {
  return ratio(static_cast<double>(examples_seen), static_cast<double>(dataset_examples));
}

CostSheet cost_sheet(const Registry& registry, const RunRecord& run, double usd_per_hour) {
  const auto dataset = registry.find_dataset(run.dataset_id);
  if (!dataset)
    throw Error(Fault::NotFound,
                "run '" + run.id + "': its dataset " + run.dataset_id + " is not in the registry");
  CostSheet sheet;
  sheet.run_id = run.id;
  sheet.wall_s = run.cost.wall_s;
  sheet.cpu_s = run.cost.cpu_s;
  sheet.examples_seen = run.cost.examples_seen;
  sheet.dataset_examples = dataset->tile_count;
  const auto train = nlohmann::ordered_json::json_pointer("/counts/splits/train/tiles");
  if (dataset->manifest.contains(train)) sheet.dataset_examples = dataset->manifest.at(train);
  sheet.usd = usd_per_hour >= 0 ? usd_per_hour * sheet.wall_s / 3600 : run.cost.usd;
  sheet.usd_per_hour = usd_per_hour >= 0 ? usd_per_hour : ratio(run.cost.usd, sheet.wall_s / 3600);
  return sheet;
}

CostComparison compare(const CostSheet& before, const CostSheet& now) {
  CostComparison factors;
  factors.total = ratio(before.usd, now.usd);
  factors.per_dataset_example =
      ratio(before.usd_per_dataset_example(), now.usd_per_dataset_example());
  factors.per_example_seen = ratio(before.usd_per_example_seen(), now.usd_per_example_seen());
  factors.by_share_seen = ratio(before.share_seen(), now.share_seen());
  factors.by_speed = ratio(examples_per_hour(now), examples_per_hour(before));
  factors.by_price = ratio(before.usd_per_hour, now.usd_per_hour);
  return factors;
}

}  // namespace canopy
