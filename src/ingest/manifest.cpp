// SPDX-License-Identifier: Apache-2.0
#include "ingest/manifest.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "catalog/tile_columns.h"

namespace canopy {
namespace {

using nlohmann::json;

constexpr int kSchema = 1;
constexpr const char* kKind = "canopy ingest";

json to_json(const Cell& cell) {
  return std::visit(
      [](const auto& value) -> json {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>)
          return nullptr;
        else
          return value;
      },
      cell);
}

Cell to_cell(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  return std::monostate{};
}

/// Columns whose JSON number lost its ".0" on the way are numbers all the same.
Cell fitting(const Cell& cell, const std::string& sql_type) {
  const auto* integer = std::get_if<std::int64_t>(&cell);
  return integer && sql_type == "DOUBLE" ? Cell(static_cast<double>(*integer)) : cell;
}

json row_json(const TileRow& row) {
  json object = json::object();
  for (const TileColumn& column : tile_columns()) object[column.name] = to_json(column.get(row));
  return object;
}

std::string digest_of(json document) {
  document.erase("content_sha256");
  return sha256_hex(document.dump());
}

IngestManifest from_document(const json& document) {
  IngestManifest manifest;
  manifest.ingest_id = document.at("ingest_id");
  manifest.ingested_at = document.at("ingested_at");
  manifest.source = document.at("source");
  manifest.labels = document.at("labels");
  manifest.options = document.at("options");
  manifest.report = document.at("report");
  const json& common = document.at("common");
  for (const json& tile : document.at("tiles")) {
    TileRow row;
    for (const TileColumn& column : tile_columns()) {
      const json& from = tile.contains(column.name) ? tile : common;
      const json value = from.value(column.name, json());
      column.set(row, fitting(to_cell(value), column.sql_type));
    }
    manifest.rows.push_back(std::move(row));
  }
  return manifest;
}

}  // namespace

std::string manifest_path(const std::string& ingest_id) { return "ingests/" + ingest_id + ".json"; }

std::vector<std::uint8_t> to_bytes(const IngestManifest& manifest) {
  std::vector<json> rows;
  for (const TileRow& row : manifest.rows) rows.push_back(row_json(row));
  std::sort(rows.begin(), rows.end(), [](const json& a, const json& b) {
    return a["tile_id"] < b["tile_id"];
  });
  json common = json::object();
  for (const TileColumn& column : tile_columns()) {
    if (rows.empty()) break;
    const json value = rows[0][column.name];
    const bool is_shared = std::all_of(
        rows.begin(), rows.end(), [&](const json& row) { return row[column.name] == value; });
    if (is_shared) common[column.name] = value;
    for (json& row : rows)
      if (is_shared || row[column.name].is_null()) row.erase(column.name);
  }
  json document = {{"kind", kKind},
                   {"schema", kSchema},
                   {"ingest_id", manifest.ingest_id},
                   {"ingested_at", manifest.ingested_at},
                   {"source", manifest.source},
                   {"labels", manifest.labels},
                   {"options", manifest.options},
                   {"report", manifest.report},
                   {"common", std::move(common)},
                   {"tiles", std::move(rows)}};
  document["content_sha256"] = digest_of(document);
  const std::string text = document.dump() + "\n";
  return {text.begin(), text.end()};
}

IngestManifest manifest_from_bytes(const std::string& name, std::span<const std::uint8_t> bytes) {
  const json document = json::parse(bytes.begin(), bytes.end(), nullptr, false);
  require(document.is_object() && document.value("kind", json()) == kKind,
          [&] { return name + ": is not a manifest of an ingest"; });
  const json schema = document.value("schema", json());
  require(schema == kSchema, [&] {
    return name + ": has schema " + schema.dump() + "; this canopy reads schema " +
           std::to_string(kSchema);
  });
  require(document.value("content_sha256", json()) == digest_of(document), [&] {
    return name + ": its content is not what its content_sha256 says; it was altered or damaged";
  });
  try {
    return from_document(document);
  } catch (const json::exception& error) {
    throw Error(Fault::User, name + ": lacks what a manifest must have: " + error.what());
  }
}

}  // namespace canopy
