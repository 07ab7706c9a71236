// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/progress.h"
#include "base/workspace.h"

// A verb says what it takes and what it does; one table of them makes the parser, --help,
// --json-usage, the shell completion and docs/options.md. A verb's file fills options, calls a
// library and prints.

namespace canopy {

/// What every verb is given.
struct Context {
  std::string workspace_path;
  bool json = false;               ///< the result goes to stdout as one JSON document
  bool overwrite = false;          ///< existing outputs may be replaced
  std::filesystem::path defaults;  ///< the file that Command::defaults found; empty: none
  std::unique_ptr<Progress> progress;

  Workspace workspace() const { return Workspace::open(workspace_path); }
  /// Throws Conflict, naming the file and --overwrite, when it exists and may not be replaced.
  void require_writable(const std::filesystem::path& output) const;
};

/// docs/formats.md, "Exit codes".
enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kSkipped = 3, kRefused = 4 };

struct Positional {
  std::string name, help;
  bool required = true, many = false;
  std::function<void(const std::string&)> take;
};

class Command {
 public:
  Command(std::string name, std::string summary)
      : name_(std::move(name)), summary_(std::move(summary)), invocation_("canopy " + name_) {}
  /// A program of one command: its name is what is typed.
  static Command program(const std::string& name, const std::string& summary);

  /// Every field becomes --name VALUE and may be written name=value. The struct must outlive the
  /// command.
  template <class Options>
  Command& options(Options& options) {
    fields_.push_back(Fields(options));
    return *this;
  }
  Command& positional(const std::string& name,
                      std::string& value,
                      const std::string& help,
                      bool required = true);
  Command& positionals(const std::string& name,
                       std::vector<std::string>& values,
                       const std::string& help,
                       bool required = true);
  /// -o, --output.
  Command& output(std::string& value, const std::string& help, bool required = true);
  /// What comes behind the options in --help: an example or two.
  Command& example(const std::string& line);
  /// Where this command's defaults lie, given the folder of --workspace (empty: from here upward):
  /// a TOML file of its options, which counts less than all that is given. An empty path: none.
  using FindDefaults = std::function<std::filesystem::path(const std::string& workspace_path)>;
  Command& defaults(FindDefaults find);
  Command& run(std::function<int(Context&)> action);

  const std::string& name() const { return name_; }
  const std::string& summary() const { return summary_; }
  /// What is typed before the arguments: "canopy train".
  const std::string& invocation() const { return invocation_; }
  const std::vector<Positional>& positionals() const { return positionals_; }
  const std::vector<std::string>& examples() const { return examples_; }
  std::string* output_value() const { return output_; }
  const std::string& output_help() const { return output_help_; }
  bool output_required() const { return output_required_; }
  std::vector<Field> all_fields() const;
  /// {"name", "summary", "positionals": [{"name", "help", "required", "many"}, ...], "output":
  /// {"help", "required"} or null, "options": as Fields::usage has them, "examples"}.
  nlohmann::ordered_json usage() const;

  /// Sets a field by name. Throws User with the nearest name when there is none.
  void set(const std::string& key, const std::string& value);
  /// Sets the fields that the file of `defaults` names, before all else. Returns its path.
  std::filesystem::path take_defaults(const std::vector<std::string>& arguments);
  /// Takes config=FILE (or --config FILE) out of the arguments and sets the fields that this TOML
  /// file names. Comes before words and options, so that what is given beside it counts more.
  void take_config(std::vector<std::string>& arguments);
  /// Hands words to positionals and fields (key=value). Throws User when one is missing or left
  /// over.
  void take_words(const std::vector<std::string>& words);
  int execute(Context& context) const { return action_(context); }

 private:
  void set_from_toml(const std::filesystem::path& file);

  std::string name_, summary_, invocation_, output_help_;
  std::vector<Fields> fields_;
  std::vector<Positional> positionals_;
  std::vector<std::string> examples_;
  std::string* output_ = nullptr;
  bool output_required_ = false;
  FindDefaults find_defaults_;
  std::function<int(Context&)> action_;
};

/// Runs `work`, which returns an exit code. What it throws becomes one line on stderr and the code
/// of that failure.
int run_guarded(const std::function<int()>& work);
/// "error: MESSAGE" on stderr; returns `code`.
int complain(const std::string& message, int code);

/// Parses and runs. Everything that goes wrong becomes one line on stderr and an exit code.
int run_program(int argc, char** argv, std::vector<Command> commands);

}  // namespace canopy
