// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// Options are plain structs with defaults, described once:
//
//   struct TileOptions {
//     int size_px = 512;
//     template <class Fields> void describe(Fields& field) { field("size-px", size_px, "Edge of a
//     tile, in pixels."); } void validate() const { require(size_px > 0, "size-px must be
//     positive"); }
//   };
//
// `Fields` walks such a struct and gives a list of named, typed, documented values. The command
// line, `key=value` words, TOML files, --json-usage and docs/options.md are all made from that
// list, so they cannot disagree. A field is a bool, int, int64, double, std::string, or a vector of
// strings or doubles (written a,b).

namespace canopy {

/// One option of one struct: its name as users write it, what it means, and how to read and set it
/// as text.
struct Field {
  std::string name;
  std::string type;  ///< "flag", "integer", "number", "text", "list of text", "list of numbers"
  std::string help;
  std::function<std::string()> get;
  /// Throws User with the value and what is expected: "'big' is not an integer".
  std::function<void(const std::string&)> set;
};

/// Collects the fields of any described struct. The struct must outlive the list: fields refer to
/// its members.
class Fields {
 public:
  Fields() = default;
  template <class Options>
  explicit Fields(Options& options) {
    options.describe(*this);
  }

  void operator()(const std::string& name, bool& value, const std::string& help);
  void operator()(const std::string& name, int& value, const std::string& help);
  void operator()(const std::string& name, std::int64_t& value, const std::string& help);
  void operator()(const std::string& name, double& value, const std::string& help);
  void operator()(const std::string& name, std::string& value, const std::string& help);
  void operator()(const std::string& name,
                  std::vector<std::string>& value,
                  const std::string& help);
  void operator()(const std::string& name, std::vector<double>& value, const std::string& help);
  /// Another struct's fields, behind "prefix.".
  template <class Options>
  void nested(const std::string& prefix, Options& options) {
    Fields inner(options);
    for (Field& field : inner.fields_) {
      field.name = prefix + "." + field.name;
      fields_.push_back(std::move(field));
    }
  }

  const std::vector<Field>& all() const { return fields_; }
  /// Behind these, the fields of another list.
  void append(const Fields& more) {
    fields_.insert(fields_.end(), more.fields_.begin(), more.fields_.end());
  }

  /// Sets one field from text. Throws User: "unknown key 'modle'; did you mean 'model'?", or
  /// "size-px: 'big' is not an integer".
  void set(const std::string& name, const std::string& value);
  /// Sets a field from a word "key=value". Throws User when there is no '='.
  void set_word(const std::string& word);
  /// Sets the fields that a TOML file names (tables become prefixes). Throws User with file and
  /// line.
  void set_from_toml(const std::string& path);

  /// {"name": value, ...} in the order of description: what a run records.
  nlohmann::ordered_json to_json() const;
  /// As a TOML document that `set_from_toml` reads back.
  std::string to_toml() const;
  /// [{"name", "type", "default", "help"}, ...]: what --json-usage prints.
  nlohmann::ordered_json usage() const;

 private:
  std::vector<Field> fields_;
};

/// "a,b" -> {"a", "b"}; an empty text is an empty list.
std::vector<std::string> split_list(const std::string& text);

}  // namespace canopy
