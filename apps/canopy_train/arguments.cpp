// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include "base/error.h"
#include "base/nearest.h"

namespace canopy {
namespace {

/// The option's value type, as fields have it; "path" for the output; empty when there is none.
std::string type_of(const Command& command, const std::string& name) {
  if (name == "output" && command.output_value()) return "path";
  for (const Field& field : command.all_fields())
    if (field.name == name) return field.type;
  return "";
}

[[noreturn]] void refuse_unknown(const Command& command, const std::string& option) {
  std::vector<std::string> names = {"--help", "--output"};
  for (const Field& field : command.all_fields()) names.push_back("--" + field.name);
  throw Error(Fault::User,
              "unknown option '" + option + "'" + suggestion(option, names) + " (" +
                  command.invocation() + " --help lists them all)");
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size() + 2), ' ');
  return text;
}

}  // namespace

void take_arguments(Command& command, std::vector<std::string> arguments) {
  command.take_config(arguments);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string option = arguments[i] == "-o" ? "--output" : arguments[i];
    if (!option.starts_with("--")) {
      words.push_back(option);
      continue;
    }
    const auto equals = option.find('=');
    const bool has_value = equals != std::string::npos;
    std::string value = has_value ? option.substr(equals + 1) : "";
    option = option.substr(0, equals);
    const std::string name = option.substr(2), type = type_of(command, name);
    if (type.empty()) refuse_unknown(command, option);
    if (!has_value && type == "flag") {
      value = "true";
    } else if (!has_value) {
      require(++i < arguments.size(), [&] { return option + " needs a value: " + option + " X"; });
      value = arguments[i];
    }
    if (type == "path")
      *command.output_value() = value;
    else
      command.set(name, value);
  }
  command.take_words(words);
  require(!command.output_required() || !command.output_value()->empty(),
          [&] { return "-o PATH is missing: " + command.output_help(); });
}

std::string help_of(const Command& command) {
  std::string usage = "usage: " + command.invocation(), list;
  for (const Positional& one : command.positionals()) {
    usage += " " + one.name;
    list += "  " + padded(one.name, 24) + one.help + "\n";
  }
  if (command.output_value()) {
    usage += " -o PATH";
    list += "  " + padded("-o, --output PATH", 24) + command.output_help() + "\n";
  }
  list += "  " + padded("--config FILE", 24) +
          "A TOML file of these options; what is given beside it counts more.\n";
  for (const Field& field : command.all_fields()) {
    const std::string value = field.get();
    list += "  " + padded("--" + field.name, 24) + field.help +
            (value.empty() ? "" : " [" + value + "]") + "\n";
  }
  std::string text = command.summary() + "\n\n" + usage + " [key=value]\n\n" + list;
  for (const std::string& line : command.examples()) text += "\nExample:\n  " + line + "\n";
  return text;
}

}  // namespace canopy
