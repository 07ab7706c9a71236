// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// How an orthomosaic and its labels become tiles, and what is known of them. All but `threads` and
// where files lie decides the ingest's id.

namespace canopy {

struct IngestOptions {
  std::string labels;
  bool unlabelled = false;
  int tile_size = 512, overlap = 64;
  std::vector<std::string> bands, band;
  std::vector<double> gsd;
  double min_valid = 0.01;
  bool skip_empty = false;
  std::string layer, class_attribute;
  std::vector<std::string> tree_names;
  std::string survey, farm, orchard, crop, cultivar, country, captured_on, sensor, labeller, split;
  int label_revision = 1;
  std::vector<std::string> meta;
  int threads = 0;
  std::filesystem::path home;  ///< the workspace, for the names of files (ingest/source_uri.h)

  template <class Fields>
  void describe(Fields& field) {
    field("labels", labels, "Labels: .gpkg, .geojson, .shp, .json (COCO), .csv, .xml (VOC).");
    field("unlabelled", unlabelled, "The picture has no labels, and that is meant.");
    field("tile-size", tile_size, "Edge of a tile, in pixels.");
    field("overlap", overlap, "Border shared by neighbouring tiles, in pixels.");
    field("bands", bands, "Names of the file's bands, in order; '-' leaves one out.");
    field("band", band, "Further bands in files of their own: nir=nir.tif,dsm=dsm.tif.");
    field("gsd",
          gsd,
          "Metres per pixel of the tiles, one or several; empty: the picture's own. A picture "
          "without a CRS has the finest of them.");
    field("min-valid",
          min_valid,
          "Least share of a tile's pixels that hold data; below, none is written.");
    field("skip-empty", skip_empty, "Leave out tiles without a label.");
    field("layer", layer, "Layer of the labels' file; empty: its first.");
    field("class-attribute",
          class_attribute,
          "Attribute that holds the class; empty: class, label, status, dead.");
    field("tree-names", tree_names, "Further class names that mean a living tree.");
    field("survey", survey, "Name of the survey; empty: the picture's file name.");
    field("farm", farm, "Farm.");
    field("orchard", orchard, "Orchard or block.");
    field("crop", crop, "Crop; also a class name that means a tree.");
    field("cultivar", cultivar, "Cultivar.");
    field("country", country, "Country.");
    field("captured-on", captured_on, "Date of the flight, YYYY-MM-DD.");
    field("sensor", sensor, "Camera.");
    field("labeller", labeller, "Who drew the labels.");
    field("label-revision", label_revision, "1, 2, ...: of labels drawn anew the latest counts.");
    field("split",
          split,
          "train, val or test, kept as meta.split; empty: what the labels' file says.");
    field("meta", meta, "Further facts: key=value,key=value.");
    field("threads", threads, "Threads; 0: all cores.");
  }
  /// Throws User with the option, the value and what is expected.
  void validate() const;

  /// `meta` as an object of texts.
  nlohmann::json meta_object() const;
  /// `band` as file by name.
  std::map<std::string, std::string> extra_bands() const;
};

}  // namespace canopy
