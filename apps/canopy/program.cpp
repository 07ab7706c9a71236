// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <functional>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/nearest.h"
#include "command.h"

namespace canopy {
namespace {

constexpr char kVersion[] = CANOPY_VERSION;

/// The options that every verb has.
struct Common {
  std::string workspace, progress = "auto";
  std::string config;
  bool json = false, overwrite = false, verbose = false, json_usage = false;
  template <class F>
  void describe(F& field) {
    field("workspace", workspace, "The workspace's folder; found from here upward otherwise.");
    field(
        "config",
        config,
        "A TOML file of this command's options, such as a run's config.toml; what is given beside "
        "it counts more.");
    field("progress", progress, "auto, bar, lines, json or none.");
    field("json", json, "The result as JSON on stdout.");
    field("overwrite", overwrite, "Replace outputs that exist.");
    field("verbose", verbose, "Show what is logged, on stderr.");
    field("json-usage", json_usage, "This command's arguments as JSON, for other programs.");
  }
};

/// What may stand in a verb's place.
struct Word {
  const char *name, *help;
};
constexpr Word kWords[] = {
    {"--help", "This list; behind a command, its arguments"},
    {"--version", "The program's version"},
    {"--json-usage", "Every command and its arguments as JSON, for other programs"},
    {"completion SHELL", "Completion for bash or zsh: source <(canopy completion bash)"}};

nlohmann::ordered_json usage_of_all(const std::vector<Command>& commands) {
  Common common;
  nlohmann::ordered_json words = nlohmann::ordered_json::array(), verbs = words;
  for (const Word& word : kWords) words.push_back({{"name", word.name}, {"help", word.help}});
  for (const Command& command : commands) verbs.push_back(command.usage());
  return {{"words", words}, {"common", Fields(common).usage()}, {"commands", verbs}};
}

/// Every word that begins with "--" and may stand behind the command.
std::vector<std::string> option_names(const Command& command) {
  Common common;
  const Fields common_fields(common);
  std::vector<std::string> names = {"--help"};
  for (const Field& field : common_fields.all()) names.push_back("--" + field.name);
  if (command.output_value()) names.emplace_back("--output");
  for (const Field& field : command.all_fields()) names.push_back("--" + field.name);
  return names;
}

/// Words for the shell: verbs first, then a verb's options.
void print_completion(const std::string& shell, const std::vector<Command>& commands) {
  std::string verbs, cases;
  for (const Command& command : commands) {
    verbs += (verbs.empty() ? "" : " ") + command.name().substr(0, command.name().find(' '));
    std::string words;
    for (const std::string& name : option_names(command))
      words += (words.empty() ? "" : " ") + name;
    cases += "    '" + command.name() + "') words='" + words + "';;\n";
    const auto space = command.name().find(' ');
    if (space != std::string::npos)
      cases += "    '" + command.name().substr(0, space) + "') words=\"$words " +
               command.name().substr(space + 1) + "\";;&\n";
  }
  if (shell == "zsh") std::printf("autoload -U +X bashcompinit && bashcompinit\n");
  std::printf(
      "_canopy() {\n  local words='' current=${COMP_WORDS[COMP_CWORD]}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then words='%s'; fi\n"
      "  for key in \"${COMP_WORDS[1]}\" \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\"; do case \"$key\" "
      "in\n%s  esac; done\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\ncomplete -o default -F _canopy "
      "canopy\n",
      verbs.c_str(),
      cases.c_str());
}

using Setter = std::function<void(const std::string& name, const std::string& value)>;

/// Every field as --name, in one group of the help.
void declare_fields(CLI::App& app,
                    const std::vector<Field>& fields,
                    const char* group,
                    const Setter& set) {
  for (const Field& field : fields) {
    const std::string value = field.get(), name = field.name,
                      help = field.help + (value.empty() ? "" : " [" + value + "]");
    if (field.type == "flag") {
      app.add_flag_function(
             "--" + name,
             [set, name](std::int64_t n) { set(name, n > 0 ? "true" : "false"); },
             help)
          ->group(group);
    } else {
      app.add_option_function<std::string>(
             "--" + name, [set, name](const std::string& text) { set(name, text); }, help)
          ->type_name(field.type == "integer"  ? "N"
                      : field.type == "number" ? "X"
                      : field.type == "text"   ? "TEXT"
                                               : "A,B")
          ->group(group);
    }
  }
}

/// The parser's view of one command: its options, and all other words.
void declare(CLI::App& app, Command& command, std::vector<std::string>& words, Fields& common) {
  declare_fields(app, command.all_fields(), "Options", [&](const auto& name, const auto& value) {
    command.set(name, value);
  });
  if (command.output_value()) {
    auto* option = app.add_option("-o,--output", *command.output_value(), command.output_help())
                       ->type_name("PATH");
    if (command.output_required()) option->required();
  }
  std::string arguments;
  for (const Positional& p : command.positionals()) {
    const std::string name = p.many ? p.name + "..." : p.name;
    arguments += (arguments.empty() ? "" : ", ") + name + ": " + p.help;
  }
  app.add_option("words", words, arguments.empty() ? "key=value" : arguments + "; then key=value")
      ->type_name("");
  declare_fields(app, common.all(), "Common", [&](const auto& name, const auto& value) {
    common.set(name, value);
  });
  std::string footer;
  for (const std::string& line : command.examples())
    footer += (footer.empty() ? "Example:\n  " : "\n  ") + line;
  app.footer(footer);
}

/// Where a command may have been mistyped: a line for it.
std::string unknown_command(const std::vector<std::string>& words,
                            const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    names.push_back(command.name());
    names.push_back(command.name().substr(0, command.name().find(' ')));
  }
  const std::string two = words.size() > 1 ? words[0] + " " + words[1] : words[0];
  const bool known_noun = std::find(names.begin(), names.end(), words[0]) != names.end();
  std::string hint;
  if (!known_noun || words.size() > 1) hint = suggestion(two, names);
  if (hint.empty() && !known_noun) hint = suggestion(words[0], names);
  std::string unknown = "unknown command '" + (known_noun ? two : words[0]) + "'" + hint;
  if (!known_noun) return unknown;
  std::string verbs;
  for (const Command& command : commands)
    if (command.name().starts_with(words[0] + " "))
      verbs += " " + command.name().substr(words[0].size() + 1);
  if (words.size() == 1) return "'" + words[0] + "' needs one word more:" + verbs;
  return unknown + " (" + words[0] + " has" + verbs + ")";
}

int run_command(Command& command, std::vector<std::string> arguments) {
  const std::string& invocation = command.invocation();
  // Before parsing: what else is given, or left out, changes nothing in the answer.
  if (std::ranges::count(arguments, "--json-usage") > 0) {
    std::printf("%s\n", command.usage().dump(2).c_str());
    return kDone;
  }
  Context context;
  Common common;
  Fields common_fields(common);
  std::vector<std::string> words;
  CLI::App app(command.summary(), invocation);
  try {
    context.defaults = command.take_defaults(arguments);
    command.take_config(arguments);
    declare(app, command, words, common_fields);
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
    command.take_words(words);
    context.workspace_path = common.workspace;
    context.json = common.json;
    context.overwrite = common.overwrite;
    context.progress = make_progress(progress_style(common.progress));
  } catch (const CLI::CallForHelp&) {
    std::printf("%s", app.help().c_str());
    return kDone;
  } catch (const CLI::ExtrasError&) {
    const auto extras = app.remaining();
    return complain("unknown option '" + extras.front() + "'" +
                        suggestion(extras.front(), option_names(command)) + " (" + invocation +
                        " --help lists them all)",
                    kUsage);
  } catch (const CLI::ParseError& error) {
    return complain(error.what(), kUsage);
  } catch (const Error& error) {
    return complain(error.what(), kUsage);
  }
  if (common.verbose) set_log_level(LogLevel::Info);
  const int code = command.execute(context);
  return interrupted() ? 128 + interrupted() : code;
}

int dispatch(std::vector<std::string> words, std::vector<Command>& commands) {
  const auto is_help = [](const std::string& word) {
    return word == "--help" || word == "-h" || word == "help";
  };
  if (words.empty() || is_help(words[0])) {
    std::printf(
        "canopy %s: every tree on the farm, from a drone orthomosaic\n\nusage: canopy COMMAND "
        "[ARGUMENTS] [key=value] [--help]\n\n",
        kVersion);
    for (const Command& command : commands)
      std::printf("  %-18s %s\n", command.name().c_str(), command.summary().c_str());
    std::printf("\n");
    for (const Word& word : kWords) std::printf("  %-18s %s\n", word.name, word.help);
    return words.empty() ? kUsage : kDone;
  }
  if (words[0] == "--version") {
    std::printf("canopy %s\n", kVersion);
    return kDone;
  }
  if (words[0] == "--json-usage") {
    std::printf("%s\n", usage_of_all(commands).dump(2).c_str());
    return kDone;
  }
  if (words[0] == "completion") {
    print_completion(words.size() > 1 ? words[1] : "bash", commands);
    return kDone;
  }
  for (const std::size_t length : {2, 1}) {
    if (words.size() < length) continue;
    const std::string name = length == 2 ? words[0] + " " + words[1] : words[0];
    for (Command& command : commands) {
      if (command.name() == name)
        return run_command(command,
                           {words.begin() + static_cast<std::ptrdiff_t>(length), words.end()});
    }
  }
  return complain(unknown_command(words, commands), kUsage);
}

}  // namespace

int run_program(int argc, char** argv, std::vector<Command> commands) {
  install_interrupt_handlers();
  return run_guarded([&] { return dispatch({argv + 1, argv + argc}, commands); });
}

}  // namespace canopy
