// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "figures.h"
#include "orchard/survey.h"
#include "records.h"

// The demo in parts: its inputs, its dataset, and how what came out is held against the truth and
// against a naive baseline.

namespace canopy {

struct DemoOptions {
  std::string folder = "demo";
  double minutes = 3;
  std::int64_t seed = 2026;
  bool no_serve = false;
  int port = 8080;
  template <class F>
  void describe(F& field) {
    field("folder", folder, "Where everything is made; a demo that lies there is replaced.");
    field("minutes", minutes, "Minutes of training.");
    field("seed",
          seed,
          "Of the orchard that is surveyed, which training never sees, and of the training.");
    field("no-serve", no_serve, "End with the table instead of the map.");
    field("port", port, "Of the map; 0: any free one.");
  }
};

/// A synthetic orchard of the demo.
struct DemoOrchard {
  std::string preset;
  std::int64_t seed = 0;
  double size_m = 60;
  std::string split;
};

/// The orchards that training sees, and the one that it never sees.
std::vector<DemoOrchard> training_orchards();
DemoOrchard surveyed_orchard(const DemoOptions& options);

/// Renders the orchards into `inputs`, one folder each; returns the folders in the order given.
std::vector<std::filesystem::path> make_orchards(const std::vector<DemoOrchard>& orchards,
                                                 const std::filesystem::path& inputs,
                                                 Progress& progress);

/// Ingests the NEON images (two YELL crops to train on, OSBS_029 and SOAP_061 held out) and the
/// training orchards.
void ingest_inputs(OpenWorkspace& space,
                   const std::filesystem::path& neon,
                   const std::vector<DemoOrchard>& orchards,
                   const std::vector<std::filesystem::path>& folders,
                   Progress& progress);

/// The query of the demo's dataset: splits by what each ingest was given.
SnapshotOptions demo_query();

/// Box precision and recall at IoU .4 on the held-out NEON images, of the naive baseline.
struct PrecisionRecall {
  double precision = 0, recall = 0;
};
PrecisionRecall naive_on_neon(const std::filesystem::path& neon);

/// A survey of a synthetic orchard held against its truth.
struct OrchardFigures {
  PrecisionRecall trees,
      missing;             ///< trees at mask IoU .5, missing trees within half a tree spacing
  double count_error = 0;  ///< (found - truth) / truth
  std::int64_t pixel_conflicts = 0;
  double area_error_median = 0;
};
OrchardFigures judge_survey(const Survey& survey,
                            const std::filesystem::path& labels,
                            const std::filesystem::path& orchard);
/// The same for the naive baseline's crowns; it knows nothing of missing trees.
OrchardFigures judge_naive(const std::filesystem::path& orchard);

}  // namespace canopy
