// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/progress.h"
#include "catalog/snapshot.h"
#include "ingest/label_set.h"
#include "store/blob_store.h"

// A dataset as other programs take it, in a folder of its own:
//
//   coco       <split>/<tile>.png or .tif, <split>.json: pictures, boxes, masks as run lengths
//   tfrecord   <split>-00000.tfrecord, ...: the serialized tf.train.Example of each tile, as it is
//   folders    <split>/images/<tile>.png or .tif, <split>/masks/<tile>.tif, <split>/boxes.csv
//
// A picture is a PNG where its bands are red, green and blue of 8 bits, else a GeoTIFF with all of
// its bands by name. <tile> is the first 16 digits of the tile_id. Masks hold the number of each
// pixel's object, 0 where there is none; boxes.csv is what `ingest` and DeepForest read. COCO knows
// no regions to leave out, so they are crowds there (`iscrowd` 1, `ignore` true), which its
// evaluation passes over; points are keypoints. export.json, written last, is the commit.

namespace canopy {

struct ExportOptions {
  std::string as = "coco";
  std::int64_t shard_mb = 128;
  int threads = 0;

  template <class Fields>
  void describe(Fields& field) {
    field("as", as, "coco, tfrecord or folders.");
    field("shard-mb", shard_mb, "Of tfrecord: a new file is begun beyond this size.");
    field("threads", threads, "Threads; 0: all cores.");
  }
  /// Throws User, naming what there is.
  void validate() const;
};

struct ExportReport {
  std::int64_t tiles = 0, objects = 0;
  Complaints skipped;  ///< tiles whose file is missing or damaged
};

/// Throws Conflict when the folder holds anything, Environment when the disk is full.
ExportReport export_dataset(const Snapshot& snapshot,
                            const BlobStore& store,
                            const std::filesystem::path& folder,
                            const ExportOptions& options,
                            Progress& progress = no_progress());

}  // namespace canopy
