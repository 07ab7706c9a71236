// SPDX-License-Identifier: Apache-2.0
#include "catalog/tile_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "store/example.h"

namespace canopy {
namespace {

Cell text_cell(const std::string& text) { return text.empty() ? Cell() : Cell(text); }
Cell number_cell(double value) { return std::isnan(value) ? Cell() : Cell(value); }
double number_of(const Cell& cell) {
  const double* value = std::get_if<double>(&cell);
  return value ? *value : std::numeric_limits<double>::quiet_NaN();
}

/// Builds the list; each member's type says how its column is stored.
class Columns {
 public:
  void operator()(const char* name, std::string TileRow::*member, const char* help) {
    add(
        name,
        "VARCHAR",
        help,
        [member](const TileRow& row) { return text_cell(row.*member); },
        [member](TileRow& row, const Cell& cell) {
          const auto* text = std::get_if<std::string>(&cell);
          row.*member = text ? *text : std::string();
        });
  }
  void operator()(const char* name, std::int64_t TileRow::*member, const char* help) {
    add(
        name,
        "BIGINT",
        help,
        [member](const TileRow& row) { return Cell(row.*member); },
        [member](TileRow& row, const Cell& cell) {
          const auto* value = std::get_if<std::int64_t>(&cell);
          row.*member = value ? *value : 0;
        });
  }
  void operator()(const char* name, double TileRow::*member, const char* help) {
    add(
        name,
        "DOUBLE",
        help,
        [member](const TileRow& row) { return number_cell(row.*member); },
        [member](TileRow& row, const Cell& cell) { row.*member = number_of(cell); });
  }
  void operator()(const char* name, bool TileRow::*member, const char* help) {
    add(
        name,
        "BOOLEAN",
        help,
        [member](const TileRow& row) { return Cell(row.*member); },
        [member](TileRow& row, const Cell& cell) {
          const auto* value = std::get_if<bool>(&cell);
          row.*member = value && *value;
        });
  }
  void band(const std::string& band,
            const char* suffix,
            std::map<std::string, double> TileRow::*member,
            const char* help) {
    add(
        band + suffix,
        "DOUBLE",
        help + band,
        [band, member](const TileRow& row) {
          const auto found = (row.*member).find(band);
          return found == (row.*member).end() ? Cell() : number_cell(found->second);
        },
        [band, member](TileRow& row, const Cell& cell) {
          if (const auto* value = std::get_if<double>(&cell)) (row.*member)[band] = *value;
        });
  }
  void add(std::string name,
           std::string type,
           std::string help,
           std::function<Cell(const TileRow&)> get,
           std::function<void(TileRow&, const Cell&)> set) {
    list.push_back(
        {std::move(name), std::move(type), std::move(help), std::move(get), std::move(set)});
  }

  std::vector<TileColumn> list;
};

void describe_identity_and_provenance(Columns& column) {
  column("tile_id", &TileRow::tile_id, "SHA-256 of the uncompressed example; the file's name");
  column("tile_key", &TileRow::tile_key, "SHA-256 of the image alone: the same under any labels");
  column("uri", &TileRow::uri, "Where the example file lies, relative to the store");
  column("bytes", &TileRow::bytes, "Size of the example file");
  column("schema_version", &TileRow::schema_version, "Schema of the example file");
  column("survey_id", &TileRow::survey_id, "The survey that the picture belongs to");
  column(
      "source_uri", &TileRow::source_uri, "The orthomosaic or picture that the tile was cut from");
  column("source_sha256", &TileRow::source_sha256, "SHA-256 of that file");
  column("window_x", &TileRow::window_x, "Left edge of the tile in its source, in pixels");
  column("window_y", &TileRow::window_y, "Top edge of the tile in its source, in pixels");
  column("ingest_id", &TileRow::ingest_id, "The ingest that wrote the row; names its part");
  column("ingested_at", &TileRow::ingested_at, "When, UTC, ISO 8601; not the same on a second run");
  column("labels_uri", &TileRow::labels_uri, "The file of labels");
  column("labels_sha256", &TileRow::labels_sha256, "SHA-256 of that file");
  column("label_kind", &TileRow::label_kind, "mask, box, point or none");
  column("labeller", &TileRow::labeller, "Who drew the labels");
  column("label_revision", &TileRow::label_revision, "1, 2, ...: the latest stands in `examples`");
}

void describe_place_and_acquisition(Columns& column) {
  column("farm", &TileRow::farm, "Farm");
  column("orchard", &TileRow::orchard, "Orchard or block");
  column("crop", &TileRow::crop, "Crop: walnut, citrus, ...");
  column("cultivar", &TileRow::cultivar, "Cultivar");
  column("country", &TileRow::country, "Country");
  column("crs", &TileRow::crs, "Coordinate reference system of the bounds");
  column("lon", &TileRow::lon, "Longitude of the centre, WGS 84 degrees");
  column("lat", &TileRow::lat, "Latitude of the centre, WGS 84 degrees");
  column("x_min", &TileRow::x_min, "Bounds in `crs`");
  column("y_min", &TileRow::y_min, "Bounds in `crs`");
  column("x_max", &TileRow::x_max, "Bounds in `crs`");
  column("y_max", &TileRow::y_max, "Bounds in `crs`");
  column("captured_on", &TileRow::captured_on, "Date of the flight, ISO 8601");
  column("sensor", &TileRow::sensor, "Camera");
  column("bands", &TileRow::bands, "Bands of the file, joined by commas");
  column("dtype", &TileRow::dtype, "uint8, uint16 or float32");
  column("gsd_m", &TileRow::gsd_m, "Ground resolution, metres per pixel");
}

void describe_image(Columns& column) {
  column("width_px", &TileRow::width_px, "Width of the tile");
  column("height_px", &TileRow::height_px, "Height of the tile");
  column("valid_fraction", &TileRow::valid_fraction, "Share of pixels that hold data");
  for (const std::string& band : canonical_bands()) {
    column.band(band, "_mean", &TileRow::band_mean, "Mean of the valid pixels of ");
    column.band(band, "_std", &TileRow::band_sd, "Standard deviation of the valid pixels of ");
  }
  column("ndvi_mean", &TileRow::ndvi_mean, "Mean NDVI");
  column("ndre_mean", &TileRow::ndre_mean, "Mean NDRE");
  column("sharpness", &TileRow::sharpness, "Variance of the Laplacian, relative to contrast");
  column("saturated_fraction",
         &TileRow::saturated_fraction,
         "Share of pixels at the end of the scale");
  column("gzip_ratio", &TileRow::gzip_ratio, "Raw bytes per byte of file");
  column.add(
      "phash",
      "BIGINT",
      "Perceptual hash, 64 bits: near duplicates differ in few",
      [](const TileRow& row) { return Cell(static_cast<std::int64_t>(row.phash)); },
      [](TileRow& row, const Cell& cell) {
        const auto* bits = std::get_if<std::int64_t>(&cell);
        row.phash = bits ? static_cast<std::uint64_t>(*bits) : 0;
      });
}

void describe_trees(Columns& column) {
  column("tree_count", &TileRow::tree_count, "Labelled living trees that the tile shows");
  column("dead_count", &TileRow::dead_count, "Labelled dead trees that the tile shows");
  column("canopy_fraction", &TileRow::canopy_fraction, "Share of valid pixels under crowns");
  column("crown_area_m2_min", &TileRow::crown_area_m2_min, "Smallest crown");
  column("crown_area_m2_median", &TileRow::crown_area_m2_median, "Median crown");
  column("crown_area_m2_max", &TileRow::crown_area_m2_max, "Largest crown");
  column("crown_px_median", &TileRow::crown_px_median, "Median crown, in pixels");
  column("touching_fraction", &TileRow::touching_fraction, "Share of crowns that touch another");
  column("spacing_m_median", &TileRow::spacing_m_median, "Median distance to the nearest tree");
  column("cut_by_edge", &TileRow::cut_by_edge, "Whether the tile's edge cuts a crown");
  column.add(
      "meta",
      "VARCHAR",
      "JSON of --meta: (meta->>'block') = 'A3'",
      [](const TileRow& row) { return Cell(row.meta.dump()); },
      [](TileRow& row, const Cell& cell) {
        const auto* text = std::get_if<std::string>(&cell);
        row.meta = text ? nlohmann::json::parse(*text) : nlohmann::json::object();
      });
}

}  // namespace

const std::vector<TileColumn>& tile_columns() {
  static const std::vector<TileColumn> list = [] {
    Columns columns;
    describe_identity_and_provenance(columns);
    describe_place_and_acquisition(columns);
    describe_image(columns);
    describe_trees(columns);
    return std::move(columns.list);
  }();
  return list;
}

std::string tile_table_columns() {
  std::string text;
  for (const TileColumn& column : tile_columns())
    text += (text.empty() ? "" : ", ") + column.name + " " + column.sql_type;
  return text;
}

void require_complete(const TileRow& row) {
  require(!row.tile_id.empty(), [&] { return "a tile of " + row.source_uri + " has no tile_id"; });
  const auto fail = [&](const std::string& what) { return "tile " + row.tile_id + ": " + what; };
  require(!row.tile_key.empty(), [&] { return fail("tile_key is empty"); });
  require(!row.uri.empty(), [&] { return fail("uri is empty"); });
  require(!row.ingest_id.empty(), [&] { return fail("ingest_id is empty"); });
  require(row.bytes > 0, [&] { return fail("bytes must be positive, the size of its file"); });
  const auto& known = canonical_bands();
  for (const auto* statistics : {&row.band_mean, &row.band_sd})
    for (const auto& [band, value] : *statistics)
      require(std::find(known.begin(), known.end(), band) != known.end(),
              [&] { return fail("band '" + band + "' is not a canonical band"); });
}

}  // namespace canopy
