// SPDX-License-Identifier: Apache-2.0
#include "geo/band_names.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/error.h"
#include "base/nearest.h"

namespace canopy {
namespace {

using Colour = BandClue::Colour;

/// Spellings without spaces, digits and case.
const std::map<std::string, std::string>& spellings() {
  static const std::map<std::string, std::string> map = {{"blue", "blue"},
                                                         {"b", "blue"},
                                                         {"green", "green"},
                                                         {"g", "green"},
                                                         {"red", "red"},
                                                         {"r", "red"},
                                                         {"rededge", "red_edge"},
                                                         {"re", "red_edge"},
                                                         {"rede", "red_edge"},
                                                         {"edge", "red_edge"},
                                                         {"nir", "nir"},
                                                         {"nearinfrared", "nir"},
                                                         {"nearinfra", "nir"},
                                                         {"nearir", "nir"},
                                                         {"infrared", "nir"},
                                                         {"ir", "nir"},
                                                         {"swir", "swir"},
                                                         {"shortwaveinfrared", "swir"},
                                                         {"thermal", "thermal"},
                                                         {"lwir", "thermal"},
                                                         {"tir", "thermal"},
                                                         {"thermalinfrared", "thermal"},
                                                         {"longwaveinfrared", "thermal"},
                                                         {"pan", "pan"},
                                                         {"panchromatic", "pan"},
                                                         {"panchro", "pan"},
                                                         {"gray", "pan"},
                                                         {"grey", "pan"},
                                                         {"grayscale", "pan"},
                                                         {"greyscale", "pan"},
                                                         {"dsm", "dsm"},
                                                         {"surfacemodel", "dsm"},
                                                         {"digitalsurfacemodel", "dsm"},
                                                         {"alpha", "alpha"},
                                                         {"a", "alpha"}};
  return map;
}

/// Words of letters, lower case; "RedEdge740" is "rededge".
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

/// "Chlorophyll index" -> "chlorophyll_index".
std::string own_word(const std::string& text) {
  std::string word;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!word.empty() && word.back() != '_')
      word += '_';
  while (!word.empty() && word.back() == '_') word.pop_back();
  return word;
}

std::string numbered(std::size_t index) { return "band_" + std::to_string(index + 1); }

BandNames given_names(const std::string& file,
                      const std::vector<BandClue>& clues,
                      const std::vector<std::string>& given) {
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < clues.size(); ++i)
    if (clues[i].colour != Colour::Alpha) slots.push_back(i);
  if (given.size() == clues.size()) {
    slots.clear();
    for (std::size_t i = 0; i < clues.size(); ++i) slots.push_back(i);
  }
  require(given.size() == slots.size(), [&] {
    const std::string alpha = slots.size() == clues.size() ? "" : " and an alpha band";
    return file + ": has " + std::to_string(slots.size()) + " bands" + alpha + ", but " +
           std::to_string(given.size()) + " names were given; name each band, '-' leaves one out";
  });
  BandNames result = {std::vector<std::string>(clues.size(), "alpha"), "given"};
  std::vector<std::string> candidates = known_bands();
  candidates.insert(candidates.end(), {"-", "alpha"});
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto name = given[i] == "-" ? std::optional(given[i]) : understood_band(given[i]);
    require(name.has_value(), [&] {
      return file + ": '" + given[i] + "' is no band that Canopy knows" +
             suggestion(given[i], candidates) +
             " (blue green red red_edge nir swir thermal pan dsm, alpha, or - to leave it out)";
    });
    const bool taken = *name != "-" && *name != "alpha" &&
                       std::count(result.names.begin(), result.names.end(), *name) > 0;
    require(!taken, [&] { return file + ": band '" + *name + "' is named twice; use - for one"; });
    result.names[slots[i]] = clues[slots[i]].colour == Colour::Alpha ? "alpha" : *name;
    if (given[i] == "-") result.names[slots[i]] = "-";
  }
  return result;
}

std::string colour_name(Colour colour) {
  switch (colour) {
    case Colour::Red:
      return "red";
    case Colour::Green:
      return "green";
    case Colour::Blue:
      return "blue";
    case Colour::Alpha:
      return "alpha";
    default:
      return "";
  }
}

/// Gives `name` to a band, unless an earlier band has it.
void assign(std::vector<std::string>& names, std::size_t index, const std::string& name) {
  const bool taken = name != "alpha" && std::count(names.begin(), names.end(), name) > 0;
  names[index] = taken ? numbered(index) : name;
}

}  // namespace

const std::vector<std::string>& known_bands() {
  static const std::vector<std::string> bands = {
      "blue", "green", "red", "red_edge", "nir", "swir", "thermal", "pan", "dsm"};
  return bands;
}

std::optional<std::string> understood_band(const std::string& text) {
  const std::vector<std::string> words = words_of(text);
  std::string joined;
  for (const std::string& word : words) joined += word;
  if (const auto it = spellings().find(joined); it != spellings().end()) return it->second;
  // The longest spelling that neighbouring words make wins: "band red edge" is red_edge, not red.
  std::set<std::string> found;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t used = 1;
    std::string run, name;
    for (std::size_t j = i; j < std::min(words.size(), i + 3); ++j) {
      run += words[j];
      const auto it = spellings().find(run);
      if (it == spellings().end() || run.size() < 2) continue;
      name = it->second;
      used = j - i + 1;
    }
    if (!name.empty()) found.insert(name);
    i += used;
  }
  return found.size() == 1 ? std::optional(*found.begin()) : std::nullopt;
}

BandNames name_bands(const std::string& file,
                     const std::vector<BandClue>& clues,
                     const std::vector<std::string>& given) {
  if (!given.empty()) return given_names(file, clues, given);
  BandNames result = {std::vector<std::string>(clues.size()), "named in the file"};
  std::vector<std::size_t> unnamed;
  bool any_described = false, any_coloured = false;
  for (std::size_t i = 0; i < clues.size(); ++i) {
    const auto name =
        clues[i].colour == Colour::Alpha ? "alpha" : understood_band(clues[i].description);
    if (!name) continue;
    any_described |= *name != "alpha";
    assign(result.names, i, *name);
  }
  for (std::size_t i = 0; i < clues.size(); ++i) {
    const std::string name = colour_name(clues[i].colour);
    if (!result.names[i].empty()) continue;
    if (!any_described && !name.empty()) {
      any_coloured = true;
      assign(result.names, i, name);
    } else {
      unnamed.push_back(i);
    }
  }
  static const std::map<std::size_t, std::vector<std::string>> by_number = {
      {1, {"pan"}},
      {3, {"red", "green", "blue"}},
      {4, {"red", "green", "blue", "nir"}},
      {5, {"blue", "green", "red", "red_edge", "nir"}}};
  const auto order = by_number.find(unnamed.size());
  const bool one_beside_rgb = any_coloured && unnamed.size() == 1 && clues.size() > 3;
  const bool all_unnamed = !any_described && !any_coloured && order != by_number.end();
  if (!any_described && !any_coloured) result.origin = "by their number";
  for (std::size_t k = 0; k < unnamed.size(); ++k) {
    const std::size_t i = unnamed[k];
    const std::string own = own_word(clues[i].description);
    const bool says_something = any_described && !own.empty();
    const std::string fallback = says_something ? own : numbered(i);
    assign(result.names, i, all_unnamed ? order->second[k] : one_beside_rgb ? "nir" : fallback);
  }
  return result;
}

}  // namespace canopy
