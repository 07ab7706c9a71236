// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <algorithm>
#include <cstdio>
#include <new>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/nearest.h"

namespace canopy {
namespace {

/// An argument name=VALUE, --name=VALUE or --name VALUE among others.
struct Named {
  std::string value;
  std::ptrdiff_t at = 0, words = 1;
};

std::optional<Named> find_named(const std::vector<std::string>& arguments,
                                const std::string& name) {
  for (std::ptrdiff_t i = 0; i < std::ssize(arguments); ++i) {
    const std::string& word = arguments[static_cast<std::size_t>(i)];
    for (const std::string& start : {name + "=", "--" + name + "="})
      if (word.starts_with(start) && word.size() > start.size())
        return Named{word.substr(start.size()), i, 1};
    if (word == "--" + name && i + 1 < std::ssize(arguments))
      return Named{arguments[static_cast<std::size_t>(i) + 1], i, 2};
  }
  return std::nullopt;
}

}  // namespace

void Context::require_writable(const std::filesystem::path& output) const {
  if (!overwrite && std::filesystem::exists(output))
    throw Error(Fault::Conflict,
                output.string() + " exists already; pass --overwrite to replace it");
}

int complain(const std::string& message, int code) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return code;
}

int run_guarded(const std::function<int()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    const int code = error.fault() == Fault::User ? kRefused : kFailed;
    return complain(error.what(), interrupted() ? 128 + interrupted() : code);
  } catch (const std::bad_alloc&) {
    return complain("out of memory; lower threads, batch or tile-size", kFailed);
  } catch (const std::exception& error) {
    return complain(std::string(error.what()) + " (this is a defect of canopy, please report it)",
                    kFailed);
  }
}

Command Command::program(const std::string& name, const std::string& summary) {
  Command command(name, summary);
  command.invocation_ = name;
  return command;
}

Command& Command::positional(const std::string& name,
                             std::string& value,
                             const std::string& help,
                             bool required) {
  positionals_.push_back(
      {name, help, required, false, [&value](const std::string& word) { value = word; }});
  return *this;
}

Command& Command::positionals(const std::string& name,
                              std::vector<std::string>& values,
                              const std::string& help,
                              bool required) {
  positionals_.push_back(
      {name, help, required, true, [&values](const std::string& word) { values.push_back(word); }});
  return *this;
}

Command& Command::output(std::string& value, const std::string& help, bool required) {
  output_ = &value;
  output_help_ = help;
  output_required_ = required;
  return *this;
}

Command& Command::example(const std::string& line) {
  examples_.push_back(line);
  return *this;
}

Command& Command::defaults(FindDefaults find) {
  find_defaults_ = std::move(find);
  return *this;
}

Command& Command::run(std::function<int(Context&)> action) {
  action_ = std::move(action);
  return *this;
}

std::vector<Field> Command::all_fields() const {
  std::vector<Field> all;
  for (const Fields& fields : fields_)
    all.insert(all.end(), fields.all().begin(), fields.all().end());
  return all;
}

nlohmann::ordered_json Command::usage() const {
  using Json = nlohmann::ordered_json;
  Json positionals = Json::array(), options = Json::array(), output;
  for (const Positional& p : positionals_)
    positionals.push_back(
        {{"name", p.name}, {"help", p.help}, {"required", p.required}, {"many", p.many}});
  for (const Fields& fields : fields_)
    for (Json& option : fields.usage()) options.push_back(std::move(option));
  if (output_) output = {{"help", output_help_}, {"required", output_required_}};
  return {{"name", name_},
          {"summary", summary_},
          {"positionals", std::move(positionals)},
          {"output", std::move(output)},
          {"options", std::move(options)},
          {"examples", examples_}};
}

void Command::set(const std::string& key, const std::string& value) {
  std::vector<std::string> names;
  for (Fields& fields : fields_) {
    for (const Field& field : fields.all()) {
      if (field.name == key) return fields.set(key, value);
      names.push_back(field.name);
    }
  }
  throw Error(Fault::User,
              "unknown key '" + key + "'" + suggestion(key, names) + " (" + invocation_ +
                  " --help lists them all)");
}

void Command::set_from_toml(const std::filesystem::path& file) {
  Fields all;
  for (const Fields& fields : fields_) all.append(fields);
  all.set_from_toml(file.string());
}

std::filesystem::path Command::take_defaults(const std::vector<std::string>& arguments) {
  if (!find_defaults_) return {};
  const std::optional<Named> workspace = find_named(arguments, "workspace");
  std::filesystem::path file = find_defaults_(workspace ? workspace->value : "");
  if (!file.empty()) set_from_toml(file);
  return file;
}

void Command::take_config(std::vector<std::string>& arguments) {
  while (const std::optional<Named> config = find_named(arguments, "config")) {
    require(std::filesystem::is_regular_file(config->value),
            [&] { return "config: there is no file '" + config->value + "'"; });
    set_from_toml(config->value);
    const auto first = arguments.begin() + config->at;
    arguments.erase(first, first + config->words);
  }
}

void Command::take_words(const std::vector<std::string>& words) {
  std::size_t next = 0;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    const bool is_key =
        equals != std::string::npos && equals > 0 &&
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == equals &&
        !std::filesystem::exists(word);
    if (is_key && !all_fields().empty()) {
      set(word.substr(0, equals), word.substr(equals + 1));
      continue;
    }
    require(next < positionals_.size(),
            [&] { return "'" + word + "' is one argument too many for " + invocation_; });
    positionals_[next].take(word);
    if (!positionals_[next].many)
      ++next;
    else
      positionals_[next].required = false;
  }
  for (; next < positionals_.size(); ++next)
    require(!positionals_[next].required,
            [&] { return positionals_[next].name + " is missing: " + positionals_[next].help; });
}

}  // namespace canopy
