// SPDX-License-Identifier: Apache-2.0
#include "tune/parameter.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// The shortest text that reads back as the same number.
std::string shortest(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// Four digits are plenty for an option that was drawn at random.
double rounded(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 4);
  return *number_in(std::string(text, end.ptr));
}

/// Where whole numbers have their cells: half a unit beyond both ends.
struct Span {
  double low, high;
  explicit Span(const Parameter& p) : low(p.low), high(p.high) {
    if (p.kind == Parameter::Kind::Whole) low -= 0.5, high += 0.5;
    if (p.is_log) low = std::log(low), high = std::log(high);
  }
};

double cells_of(const Parameter& p) { return static_cast<double>(p.choices.size()); }

}  // namespace

std::string Parameter::text_at(double place) const {
  if (kind == Kind::Choice) {
    const auto last = choices.size() - 1;
    return choices[std::min(last, static_cast<std::size_t>(place * cells_of(*this)))];
  }
  const Span span(*this);
  const double at = span.low + place * (span.high - span.low);
  const double value = is_log ? std::exp(at) : at;
  if (kind == Kind::Number) return shortest(std::clamp(rounded(value), low, high));
  return std::to_string(std::llround(std::clamp(std::round(value), low, high)));
}

std::optional<double> Parameter::place_of(const std::string& text) const {
  if (kind == Kind::Choice) {
    const auto found = std::ranges::find(choices, text);
    if (found == choices.end()) return std::nullopt;
    return (static_cast<double>(found - choices.begin()) + 0.5) / cells_of(*this);
  }
  const auto value = number_in(text);
  if (!value || *value < low || *value > high) return std::nullopt;
  if (kind == Kind::Whole && *value != std::round(*value)) return std::nullopt;
  const Span span(*this);
  return ((is_log ? std::log(*value) : *value) - span.low) / (span.high - span.low);
}

Json Parameter::distribution() const {
  if (kind == Kind::Choice) {
    Json list = Json::array();
    for (const std::string& choice : choices)
      list.push_back(is_typed ? Json::parse(choice) : Json(choice));
    return {{"name", "CategoricalDistribution"}, {"attributes", {{"choices", list}}}};
  }
  if (kind == Kind::Whole)
    return {
        {"name", "IntDistribution"},
        {"attributes",
         {{"log", is_log}, {"step", 1}, {"low", std::llround(low)}, {"high", std::llround(high)}}}};
  return {{"name", "FloatDistribution"},
          {"attributes", {{"step", nullptr}, {"low", low}, {"high", high}, {"log", is_log}}}};
}

double Parameter::number_of(const std::string& text) const {
  require(place_of(text).has_value(), [&] { return to_text(*this) + " does not hold " + text; });
  if (kind != Kind::Choice) return *number_in(text);
  return static_cast<double>(std::ranges::find(choices, text) - choices.begin());
}

std::string text_of(double number, const Json& distribution) {
  try {
    if (distribution.at("name") != "CategoricalDistribution") return shortest(number);
    const Json& choice =
        distribution.at("attributes").at("choices").at(static_cast<std::size_t>(number));
    return choice.is_string() ? choice.get<std::string>() : choice.dump();
  } catch (const Json::exception& error) {
    throw Error(Fault::User, "no distribution of Optuna's: " + distribution.dump());
  }
}

std::string to_text(const Parameter& parameter) {
  if (parameter.kind != Parameter::Kind::Choice)
    return parameter.name + " " + shortest(parameter.low) + ".." + shortest(parameter.high) +
           (parameter.is_log ? " (log)" : "");
  std::string text = parameter.name + " ";
  for (const std::string& choice : parameter.choices)
    text += (text.ends_with(' ') ? "" : "/") + choice;
  return text;
}

}  // namespace canopy
