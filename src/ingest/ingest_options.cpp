// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest_options.h"

#include <regex>
#include <set>

#include "base/error.h"

namespace canopy {
namespace {

std::pair<std::string, std::string> key_and_value(const std::string& option,
                                                  const std::string& word) {
  const std::size_t equals = word.find('=');
  require(equals != std::string::npos && equals > 0 && equals + 1 < word.size(),
          [&] { return option + ": '" + word + "' must be written key=value"; });
  return {word.substr(0, equals), word.substr(equals + 1)};
}

}  // namespace

void IngestOptions::validate() const {
  const auto got = [](const std::string& what, const auto& value) {
    return what + ", not " + std::to_string(value);
  };
  require(tile_size >= 32 && tile_size <= 8192,
          [&] { return got("tile-size must be 32 to 8192", tile_size); });
  require(overlap >= 0 && overlap <= tile_size / 2,
          [&] { return got("overlap must be 0 to half of tile-size", overlap); });
  for (const double metres : gsd)
    require(metres > 0 && metres < 1000,
            [&] { return got("gsd must be metres per pixel, above 0", metres); });
  require(min_valid >= 0 && min_valid <= 1,
          [&] { return got("min-valid must be 0 to 1", min_valid); });
  require(label_revision >= 1,
          [&] { return got("label-revision must be 1 or more", label_revision); });
  require(threads >= 0, [&] { return got("threads must be 0 (all cores) or more", threads); });
  static const std::regex kDate(R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))");
  require(captured_on.empty() || std::regex_match(captured_on, kDate),
          [&] { return "captured-on: '" + captured_on + "' is no date; write YYYY-MM-DD"; });
  static const std::set<std::string> kSplits = {"", "train", "val", "test"};
  require(kSplits.count(split) == 1,
          [&] { return "split: '" + split + "' must be train, val or test"; });
  require(labels.empty() || !unlabelled,
          "labels and unlabelled exclude each other; pass one of them");
  require(!labels.empty() || unlabelled,
          "no labels are given; pass --labels FILE, or --unlabelled");
  meta_object();
  extra_bands();
}

nlohmann::json IngestOptions::meta_object() const {
  nlohmann::json object = nlohmann::json::object();
  for (const std::string& word : meta) {
    const auto [key, value] = key_and_value("meta", word);
    object[key] = value;
  }
  return object;
}

std::map<std::string, std::string> IngestOptions::extra_bands() const {
  std::map<std::string, std::string> files;
  for (const std::string& word : band) files.insert(key_and_value("band", word));
  return files;
}

}  // namespace canopy
