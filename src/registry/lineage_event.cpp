// SPDX-License-Identifier: Apache-2.0
#include "registry/lineage_event.h"

#include <cstdio>
#include <filesystem>
#include <random>

#include "base/s3_address.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kProducer[] = "urn:canopy";
constexpr char kSpec[] = "https://openlineage.io/spec/";

/// A facet of the spec: its version, its type, and what it says.
Json facet(const std::string& version, const std::string& type, const Json& content) {
  Json json = {{"_producer", kProducer},
               {"_schemaURL", kSpec + ("facets/" + version + "/" + type) + ".json#/$defs/" + type}};
  json.update(content);
  return json;
}

Json to_json(const LineageDataset& dataset) {
  Json facets = {
      {"dataSource",
       facet("1-0-1", "DatasourceDatasetFacet", {{"name", dataset.ns}, {"uri", dataset.uri}})}};
  if (!dataset.version.empty())
    facets["version"] =
        facet("1-0-1", "DatasetVersionDatasetFacet", {{"datasetVersion", dataset.version}});
  return {{"namespace", dataset.ns}, {"name", dataset.name}, {"facets", facets}};
}

Json job_json(const LineageJob& job) {
  Json facets = {
      {"jobType",
       facet("2-0-4",
             "JobTypeJobFacet",
             {{"processingType", "BATCH"}, {"integration", "CANOPY"}, {"jobType", job.type}})}};
  if (!job.sql.empty())
    facets["sql"] =
        facet("1-1-0", "SQLJobFacet", {{"query", job.sql}, {"dialect", job.sql_dialect}});
  return {{"namespace", job.ns}, {"name", job.name}, {"facets", facets}};
}

/// "postgres://user@host/base?more" as a namespace and the name of a table.
LineageDataset database(const std::string& address, const std::string& table) {
  const std::size_t rest = address.find("://") + 3;
  const std::string scheme =
      address.substr(0, rest).starts_with("postgres") ? "postgres://" : address.substr(0, rest);
  std::string place = address.substr(rest, address.find('?') - rest);
  const std::size_t slash = place.find('/');
  const std::string base = slash == std::string::npos ? "" : place.substr(slash + 1);
  place = place.substr(0, slash);
  place = place.substr(place.rfind('@') + 1);
  if (place.empty()) place = "localhost";
  if (place.find(':') == std::string::npos) place += scheme == "postgres://" ? ":5432" : ":5439";
  LineageDataset dataset;
  dataset.ns = scheme + place;
  dataset.name = base + ".public." + table;
  dataset.uri = dataset.ns + "/" + base;
  return dataset;
}

}  // namespace

LineageDataset lineage_dataset(const std::string& address, const std::string& table) {
  if (is_s3_address(address)) {
    const S3Address s3 = parse_s3_address(address);
    return {"s3://" + s3.bucket, s3.key.empty() ? "/" : s3.key, s3.text(), ""};
  }
  if (address.find("://") != std::string::npos) return database(address, table);
  const std::filesystem::path path = std::filesystem::absolute(address).lexically_normal();
  const std::string name = (path.has_filename() ? path : path.parent_path()).string() +
                           (table.empty() ? "" : "/" + table);
  return {"file", name, "file://" + percent_encode(name, true), ""};
}

std::string new_uuid() {
  std::random_device random;
  unsigned words[4];
  for (unsigned& word : words) word = random();
  char text[40];
  std::snprintf(text,
                sizeof text,
                "%08x-%04x-4%03x-%04x-%04x%08x",
                words[0],
                words[1] >> 16,
                words[1] & 0xfff,
                0x8000u | (words[2] >> 18),
                words[2] & 0xffff,
                words[3]);
  return text;
}

Json lineage_event(const LineageJob& job,
                   const std::string& type,
                   const std::string& time,
                   const std::vector<LineageDataset>& outputs,
                   const std::string& error) {
  Json run_facets = Json::object();
  if (!error.empty())
    run_facets["errorMessage"] = facet(
        "1-0-1", "ErrorMessageRunFacet", {{"message", error}, {"programmingLanguage", "C++"}});
  Json event = {{"eventType", type},
                {"eventTime", time},
                {"run", {{"runId", job.run_id}, {"facets", run_facets}}},
                {"job", job_json(job)},
                {"inputs", Json::array()},
                {"outputs", Json::array()},
                {"producer", kProducer},
                {"schemaURL", std::string(kSpec) + "2-0-2/OpenLineage.json#/$defs/RunEvent"}};
  for (const LineageDataset& input : job.inputs) event["inputs"].push_back(to_json(input));
  for (const LineageDataset& output : outputs) {
    Json json = to_json(output);
    if (output.rows >= 0)
      json["outputFacets"]["outputStatistics"] =
          facet("1-0-2", "OutputStatisticsOutputDatasetFacet", {{"rowCount", output.rows}});
    event["outputs"].push_back(json);
  }
  return event;
}

}  // namespace canopy
