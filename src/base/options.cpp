// SPDX-License-Identifier: Apache-2.0
#include "base/options.h"

#include <charconv>
#include <optional>
#include <sstream>

#include <toml++/toml.h>

#include "base/error.h"
#include "base/nearest.h"

namespace canopy {
namespace {

template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end) return std::nullopt;
  return value;
}

template <class Number>
Number parse_or_throw(const std::string& text, const char* kind) {
  const auto value = parse<Number>(text);
  require(value.has_value(), "'" + text + "' is not " + kind);
  return *value;
}

/// The shortest text that reads back as the same number.
std::string to_text(double value) {
  char text[64];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return std::string(text, result.ptr);
}

bool parse_flag(const std::string& text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  throw Error(Fault::User, "'" + text + "' is not a flag; write true or false");
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

nlohmann::json typed_value(const Field& field) {
  const std::string text = field.get();
  if (field.type == "flag") return text == "true";
  if (field.type == "integer") return *parse<std::int64_t>(text);
  if (field.type == "number") return *parse<double>(text);
  if (field.type == "text") return text;
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& item : split_list(text)) {
    if (field.type == "list of text")
      list.push_back(item);
    else
      list.push_back(*parse<double>(item));
  }
  return list;
}

/// A TOML value as the text that `Field::set` reads.
std::string toml_text(const toml::node& node) {
  if (const auto* array = node.as_array()) {
    std::vector<std::string> items;
    for (const toml::node& item : *array) items.push_back(toml_text(item));
    return join(items);
  }
  if (const auto value = node.value_exact<bool>()) return *value ? "true" : "false";
  if (const auto value = node.value_exact<std::int64_t>()) return std::to_string(*value);
  if (const auto value = node.value_exact<double>()) return to_text(*value);
  return node.value_or(std::string());
}

void set_from_table(Fields& fields,
                    const toml::table& table,
                    const std::string& prefix,
                    const std::string& path) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      set_from_table(fields, *inner, name + ".", path);
      continue;
    }
    try {
      fields.set(name, toml_text(node));
    } catch (const Error& error) {
      throw add_context(path + ":" + std::to_string(key.source().begin.line), error);
    }
  }
}

}  // namespace

void Fields::operator()(const std::string& name, bool& value, const std::string& help) {
  fields_.push_back({name,
                     "flag",
                     help,
                     [&value] { return std::string(value ? "true" : "false"); },
                     [&value](const std::string& text) { value = parse_flag(text); }});
}

void Fields::operator()(const std::string& name, int& value, const std::string& help) {
  fields_.push_back(
      {name,
       "integer",
       help,
       [&value] { return std::to_string(value); },
       [&value](const std::string& text) { value = parse_or_throw<int>(text, "an integer"); }});
}

void Fields::operator()(const std::string& name, std::int64_t& value, const std::string& help) {
  fields_.push_back({name,
                     "integer",
                     help,
                     [&value] { return std::to_string(value); },
                     [&value](const std::string& text) {
                       value = parse_or_throw<std::int64_t>(text, "an integer");
                     }});
}

void Fields::operator()(const std::string& name, double& value, const std::string& help) {
  fields_.push_back(
      {name,
       "number",
       help,
       [&value] { return to_text(value); },
       [&value](const std::string& text) { value = parse_or_throw<double>(text, "a number"); }});
}

void Fields::operator()(const std::string& name, std::string& value, const std::string& help) {
  fields_.push_back({name,
                     "text",
                     help,
                     [&value] { return value; },
                     [&value](const std::string& text) { value = text; }});
}

void Fields::operator()(const std::string& name,
                        std::vector<std::string>& value,
                        const std::string& help) {
  fields_.push_back({name,
                     "list of text",
                     help,
                     [&value] { return join(value); },
                     [&value](const std::string& text) { value = split_list(text); }});
}

void Fields::operator()(const std::string& name,
                        std::vector<double>& value,
                        const std::string& help) {
  const auto get = [&value] {
    std::vector<std::string> words;
    for (const double number : value) words.push_back(to_text(number));
    return join(words);
  };
  const auto set = [&value](const std::string& text) {
    std::vector<double> numbers;
    for (const std::string& word : split_list(text))
      numbers.push_back(parse_or_throw<double>(word, "a number"));
    value = std::move(numbers);
  };
  fields_.push_back({name, "list of numbers", help, get, set});
}

void Fields::set(const std::string& name, const std::string& value) {
  std::vector<std::string> names;
  for (const Field& field : fields_) {
    names.push_back(field.name);
    if (field.name != name) continue;
    try {
      return field.set(value);
    } catch (const Error& error) {
      throw add_context(name, error);
    }
  }
  throw Error(Fault::User, "unknown key '" + name + "'" + suggestion(name, names));
}

void Fields::set_word(const std::string& word) {
  const auto equals = word.find('=');
  require(equals != std::string::npos && equals > 0, "'" + word + "' is not of the form key=value");
  set(word.substr(0, equals), word.substr(equals + 1));
}

void Fields::set_from_toml(const std::string& path) {
  try {
    set_from_table(*this, toml::parse_file(path), "", path);
  } catch (const toml::parse_error& error) {
    throw Error(Fault::User,
                path + ":" + std::to_string(error.source().begin.line) + ": " +
                    std::string(error.description()));
  }
}

nlohmann::ordered_json Fields::to_json() const {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const Field& field : fields_) object[field.name] = typed_value(field);
  return object;
}

std::string Fields::to_toml() const {
  toml::table document;
  for (const Field& field : fields_) {
    toml::table* table = &document;
    std::string name = field.name;
    for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
      const std::string head = name.substr(0, dot);
      table->insert(head, toml::table{});
      table = table->get_as<toml::table>(head);
      name = name.substr(dot + 1);
    }
    const nlohmann::json value = typed_value(field);
    if (value.is_boolean())
      table->insert(name, value.get<bool>());
    else if (value.is_number_integer())
      table->insert(name, value.get<std::int64_t>());
    else if (value.is_number())
      table->insert(name, value.get<double>());
    else if (value.is_string())
      table->insert(name, value.get<std::string>());
    else {
      toml::array array;
      for (const auto& item : value) {
        if (item.is_string())
          array.push_back(item.get<std::string>());
        else
          array.push_back(item.get<double>());
      }
      table->insert(name, array);
    }
  }
  std::ostringstream text;
  text << document << "\n";
  return text.str();
}

nlohmann::ordered_json Fields::usage() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Field& field : fields_)
    list.push_back({{"name", field.name},
                    {"type", field.type},
                    {"default", typed_value(field)},
                    {"help", field.help}});
  return list;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items;
  std::istringstream stream(text);
  std::string item;
  while (std::getline(stream, item, ',')) items.push_back(item);
  return items;
}

}  // namespace canopy
