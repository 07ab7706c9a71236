// SPDX-License-Identifier: Apache-2.0
#include "tune/search_space.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/nearest.h"

namespace canopy {
namespace {

struct UsualRange {
  const char* name;
  double low, high;
  bool is_log;
};
constexpr std::array kUsualRanges = {
    UsualRange{"lr", 1e-4, 3e-3, true},
    UsualRange{"lr-end", 1e-3, 0.3, true},
    UsualRange{"warm-up", 10, 300, true},
    UsualRange{"weight-decay", 1e-4, 0.1, true},
    UsualRange{"clip", 1, 20, true},
    UsualRange{"average", 0.9, 0.999, false},
    UsualRange{"loss-objectness", 0.5, 2, true},
    UsualRange{"loss-rpn-box", 0.5, 2, true},
    UsualRange{"loss-classifier", 0.5, 2, true},
    UsualRange{"loss-box", 0.5, 2, true},
    UsualRange{"loss-mask", 0.5, 2, true},
    UsualRange{"batch", 2, 8, true},
    UsualRange{"crown-px", 800, 3200, true},
    UsualRange{"zoom-low", 0.5, 1, false},
    UsualRange{"zoom-high", 1, 2, false},
    UsualRange{"tree-centred", 0, 1, false},
    UsualRange{"keep-visible", 0.1, 0.6, false},
    UsualRange{"augment.brightness", 0, 0.6, false},
    UsualRange{"augment.contrast", 0, 0.3, false},
    UsualRange{"augment.band-dropout", 0, 0.4, false},
    UsualRange{"augment.blur", 0, 0.3, false},
    UsualRange{"augment.shadow", 0, 0.3, false},
    UsualRange{"network.rpn-nms", 0.5, 0.9, false},
    UsualRange{"network.detection-nms", 0.3, 0.7, false},
};

/// They say how long a trial is, how it is judged, or what it is called: trials that differ in them
/// do not compare.
constexpr std::array kFixed = {"name",
                               "steps",
                               "epochs",
                               "minutes",
                               "seed",
                               "eval-every",
                               "eval-tiles",
                               "checkpoint-every",
                               "usd-per-hour",
                               "start",
                               "imagenet"};

const UsualRange* usual_range(const std::string& name) {
  const auto found =
      std::ranges::find_if(kUsualRanges, [&](const UsualRange& r) { return name == r.name; });
  return found == kUsualRanges.end() ? nullptr : &*found;
}

const Field& field_of(const std::string& name, const Fields& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields.all()) {
    if (field.name == name) return field;
    names.push_back(field.name);
  }
  throw Error(Fault::User,
              "search: unknown option '" + name + "'" + suggestion(name, names) +
                  " (canopy train --help lists them all)");
}

double number_from(const std::string& text, const std::string& entry, bool is_whole) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  const bool is_one = code == std::errc() && stop == end && !text.empty();
  require(is_one && (!is_whole || value == static_cast<double>(static_cast<std::int64_t>(value))),
          [&] {
            return "search: '" + entry + "': '" + text + "' is no " + (is_whole ? "whole " : "") +
                   "number; write NAME:LOW..HIGH";
          });
  return value;
}

Parameter numbers(const Field& field, const std::string& range, const std::string& entry) {
  const auto dots = range.find("..");
  const bool is_whole = field.type == "integer";
  Parameter parameter;
  parameter.name = field.name;
  parameter.kind = is_whole ? Parameter::Kind::Whole : Parameter::Kind::Number;
  parameter.low = number_from(range.substr(0, dots), entry, is_whole);
  parameter.high = number_from(range.substr(dots + 2), entry, is_whole);
  require(parameter.low < parameter.high, [&] {
    return "search: '" + entry + "' is an empty range; write the smaller number first";
  });
  const UsualRange* usual = usual_range(field.name);
  const bool is_wide = parameter.high >= 10 * parameter.low;
  parameter.is_log = parameter.low > 0 && (usual ? usual->is_log : is_wide);
  return parameter;
}

Parameter choice(const Field& field, const std::string& list, const std::string& entry) {
  Parameter parameter;
  parameter.name = field.name;
  parameter.kind = Parameter::Kind::Choice;
  parameter.is_typed = field.type != "text";
  const std::string before = field.get();
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find('/', begin), list.size());
    try {
      field.set(list.substr(begin, end - begin));
    } catch (const Error& error) {
      throw add_context("search: '" + entry + "'", error);
    }
    parameter.choices.push_back(field.get());  // as this option writes it: "4", not "4.0"
    begin = end + 1;
  }
  field.set(before);
  const std::string& first = parameter.choices.front();
  require(std::ranges::count(parameter.choices, first) == 1 && parameter.choices.size() > 1,
          [&] { return "search: '" + entry + "' leaves no choice; write " + field.name + ":A/B"; });
  return parameter;
}

Parameter parameter_of(const std::string& entry, const Fields& fields) {
  const auto colon = entry.find(':');
  const Field& field = field_of(entry.substr(0, colon), fields);
  require(std::ranges::count(kFixed, field.name) == 0 && !field.type.starts_with("list"),
          [&] { return "search: '" + field.name + "' is the same for all trials; leave it out"; });
  if (colon == std::string::npos) {
    const UsualRange* usual = usual_range(field.name);
    require(usual != nullptr, [&] {
      const bool is_number = field.type == "number" || field.type == "integer";
      return "search: '" + entry + "' has no usual range; write " + entry +
             (is_number ? ":LOW..HIGH" : ":A/B");
    });
    Parameter parameter{.name = field.name, .low = usual->low, .high = usual->high};
    parameter.is_log = usual->is_log;
    if (field.type == "integer") parameter.kind = Parameter::Kind::Whole;
    return parameter;
  }
  const std::string what = entry.substr(colon + 1);
  if (what.find("..") == std::string::npos) return choice(field, what, entry);
  require(field.type == "number" || field.type == "integer", [&] {
    return "search: '" + entry + "': " + field.name + " is no number; write " + field.name + ":A/B";
  });
  return numbers(field, what, entry);
}

}  // namespace

SearchSpace search_space(const std::vector<std::string>& entries, const Fields& fields) {
  SearchSpace space;
  for (const std::string& entry : entries) {
    Parameter parameter = parameter_of(entry, fields);
    const bool is_new = std::ranges::none_of(
        space, [&](const Parameter& other) { return other.name == parameter.name; });
    require(is_new, [&] { return "search: '" + parameter.name + "' stands there twice"; });
    space.push_back(std::move(parameter));
  }
  require(!space.empty(), "search: names no option; write search=lr,loss-mask:0.5..2");
  return space;
}

std::vector<std::string> usual_names() {
  std::vector<std::string> names;
  for (const UsualRange& range : kUsualRanges) names.emplace_back(range.name);
  return names;
}

void apply(const Setting& setting, Fields& fields) {
  for (const auto& [name, text] : setting) fields.set(name, text);
}

std::string to_toml(const Setting& setting, const Fields& fields) {
  std::string document;
  for (const auto& [name, text] : setting) {
    const bool is_text = field_of(name, fields).type == "text";
    document += name + " = " + (is_text ? nlohmann::json(text).dump() : text) + "\n";
  }
  return document;
}

Setting setting_in(const SearchSpace& space, const Fields& fields) {
  Setting setting;
  for (const Parameter& parameter : space)
    setting[parameter.name] = field_of(parameter.name, fields).get();
  return setting;
}

}  // namespace canopy
