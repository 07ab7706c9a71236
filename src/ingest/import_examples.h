// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/progress.h"
#include "ingest/ingest.h"
#include "ingest/label_set.h"
#include "store/blob_store.h"

// Tiles that a team has already, as tf.train.Example, into the store and the catalog: one example a
// file or many in a TFRecord file, plain or compressed with gzip, of our own keys or of the
// TensorFlow Object Detection API's (ingest/foreign_example.h). All files of one call are one
// ingest with one manifest, whose id follows from what they hold and from the options. A file or an
// example that cannot be read is named and passed over.

namespace canopy {

struct ImportOptions {
  std::vector<std::string> keys = {}, bands = {}, tree_names = {};
  double gsd = 0;
  std::string survey = {}, farm = {}, orchard = {}, crop = {}, cultivar = {}, country = {},
              captured_on = {}, sensor = {}, labeller = {}, split = {};
  int label_revision = 1;
  std::vector<std::string> meta = {};
  int threads = 0;
  std::filesystem::path home = {};  ///< as in IngestOptions

  template <class Fields>
  void describe(Fields& field) {
    field("keys",
          keys,
          "Where a key has another name than in the TF Object Detection API: "
          "image/encoded=png,image/object/class/text=species.");
    field("bands", bands, "Names of the pictures' bands, in order; '-' leaves one out.");
    field("gsd", gsd, "Metres per pixel, of pictures that do not say it.");
    field("tree-names", tree_names, "Further class names that mean a living tree.");
    field("survey", survey, "Name of the survey; empty: the first file's name.");
    field("farm", farm, "Farm.");
    field("orchard", orchard, "Orchard or block.");
    field("crop", crop, "Crop; also a class name that means a tree.");
    field("cultivar", cultivar, "Cultivar.");
    field("country", country, "Country.");
    field("captured-on", captured_on, "Date of the flight, YYYY-MM-DD.");
    field("sensor", sensor, "Camera.");
    field("labeller", labeller, "Who drew the labels.");
    field("split", split, "train, val or test, kept as meta.split.");
    field("label-revision", label_revision, "1, 2, ...: of labels drawn anew the latest counts.");
    field("meta", meta, "Further facts: key=value,key=value.");
    field("threads", threads, "Threads; 0: all cores.");
  }
  /// Throws User with the option, the value and what is expected.
  void validate() const;
};

struct ImportReport {
  std::string ingest_id;
  bool was_done = false;
  std::int64_t files = 0, tiles_written = 0, tiles_kept = 0, objects = 0;
  std::int64_t tiles_twice = 0;  ///< the same content again
  Complaints skipped, labels_skipped;
};

/// Throws NotFound for a file that is not there, User when no example can be read or an option is
/// wrong: nothing is entered then.
ImportReport import_examples(const std::vector<std::filesystem::path>& files,
                             const ImportOptions& options,
                             BlobStore& store,
                             const RowSink& sink,
                             Progress& progress = no_progress());

}  // namespace canopy
