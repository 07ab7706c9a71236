// SPDX-License-Identifier: Apache-2.0
#include "catalog/croissant.h"

#include <string>

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

/// The context that the specification asks every description to carry.
Json context() {
  return Json::parse(R"({
    "@language": "en", "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty", "extract": "cr:extract",
    "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath",
    "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField",
    "transform": "cr:transform"})");
}

const char* data_type_of(const std::string& sql_type) {
  if (sql_type == "BOOLEAN") return "sc:Boolean";
  if (sql_type == "DOUBLE" || sql_type == "FLOAT" || sql_type == "DECIMAL") return "sc:Float";
  if (sql_type == "DATE" || sql_type.rfind("TIMESTAMP", 0) == 0) return "sc:Date";
  if (sql_type.find("INT") != std::string::npos) return "sc:Integer";
  return "sc:Text";
}

}  // namespace

Json croissant_of(const Json& manifest) {
  Json out;
  out["@context"] = context();
  out["@type"] = "sc:Dataset";
  out["conformsTo"] = "http://mlcommons.org/croissant/1.0";
  out["name"] = manifest.at("name");
  out["description"] =
      "Labelled tiles of drone orthomosaics: the answer to one query, one row a tile. Query: " +
      manifest.at("query").get<std::string>();
  out["identifier"] = manifest.at("id");
  out["version"] = "1.0.0";
  out["datePublished"] = manifest.at("created_at");
  const Json& parts = manifest.at("parts");
  for (const Json& part : parts)
    out["distribution"].push_back(
        {{"@type", "cr:FileObject"},
         {"@id", part.at("uri")},
         {"name", part.at("uri")},
         {"contentUrl", part.at("uri")},
         {"contentSize", std::to_string(part.at("bytes").get<std::int64_t>()) + " B"},
         {"encodingFormat", "application/x-parquet"},
         {"sha256", part.at("sha256")}});
  Json of_tiles = {{"fileObject", {{"@id", parts.at(0).at("uri")}}}};
  if (parts.size() > 1) {  // Redshift's UNLOAD writes several
    out["distribution"].push_back({{"@type", "cr:FileSet"},
                                   {"@id", "parts"},
                                   {"name", "parts"},
                                   {"encodingFormat", "application/x-parquet"},
                                   {"includes", "part-*.parquet"}});
    of_tiles = {{"fileSet", {{"@id", "parts"}}}};
  }
  Json fields = Json::array();
  for (const Json& column : manifest.at("columns")) {
    const std::string name = column.at("name");
    Json source = of_tiles;
    source["extract"] = {{"column", name}};
    fields.push_back({{"@type", "cr:Field"},
                      {"@id", "tiles/" + name},
                      {"name", name},
                      {"dataType", data_type_of(column.at("type"))},
                      {"source", source}});
  }
  out["recordSet"] = Json::array({{{"@type", "cr:RecordSet"},
                                   {"@id", "tiles"},
                                   {"name", "tiles"},
                                   {"key", {{"@id", "tiles/tile_id"}}},
                                   {"field", fields}}});
  return out;
}

}  // namespace canopy
