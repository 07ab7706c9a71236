// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <iostream>
#include <map>

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
  std::string progress = "auto";
  bool json_usage = false, verbose = false;
};

int exit_code_of(const Error& error) { return error.fault() == Fault::User ? kRefused : kFailed; }

int complain(const std::string& message, int code) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return code;
}

nlohmann::ordered_json usage_of(const Command& command) {
  nlohmann::ordered_json usage = {{"name", command.name()}, {"summary", command.summary()}};
  usage["positionals"] = nlohmann::ordered_json::array();
  for (const Positional& p : command.positionals())
    usage["positionals"].push_back(
        {{"name", p.name}, {"help", p.help}, {"required", p.required}, {"many", p.many}});
  usage["options"] = nlohmann::ordered_json::array();
  for (const Field& field : command.all_fields())
    usage["options"].push_back({{"name", field.name},
                                {"type", field.type},
                                {"default", field.get()},
                                {"help", field.help}});
  return usage;
}

/// Words for the shell: verbs first, then a verb's options.
void print_completion(const std::string& shell, const std::vector<Command>& commands) {
  std::string verbs, cases;
  for (const Command& command : commands) {
    verbs += (verbs.empty() ? "" : " ") + command.name().substr(0, command.name().find(' '));
    std::string words;
    for (const Field& field : command.all_fields()) words += " --" + field.name;
    cases += "    '" + command.name() +
             "') words='--json --progress --workspace --overwrite --help" + words + "';;\n";
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

/// The parser's view of one command: its options, and all other words.
void declare(CLI::App& app,
             Command& command,
             std::vector<std::string>& words,
             Context& context,
             Common& common) {
  for (const Field& field : command.all_fields()) {
    const auto set = [&command, name = field.name](const std::string& text) {
      command.set(name, text);
    };
    if (field.type == "flag") {
      app.add_flag_function(
             "--" + field.name,
             [set](std::int64_t n) { set(n > 0 ? "true" : "false"); },
             field.help + " [" + field.get() + "]")
          ->group("Options");
    } else {
      const std::string value = field.get();
      app.add_option_function<std::string>(
             "--" + field.name, set, field.help + (value.empty() ? "" : " [" + value + "]"))
          ->type_name(field.type == "integer"  ? "N"
                      : field.type == "number" ? "X"
                      : field.type == "text"   ? "TEXT"
                                               : "A,B")
          ->group("Options");
    }
  }
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
  app.add_option("--workspace",
                 context.workspace_path,
                 "The workspace's folder; found from here upward otherwise.")
      ->type_name("DIR")
      ->group("Common");
  app.add_option("--progress", common.progress, "auto, bar, lines, json or none.")
      ->type_name("STYLE")
      ->group("Common");
  app.add_flag("--json", context.json, "The result as JSON on stdout.")->group("Common");
  app.add_flag("--overwrite", context.overwrite, "Replace outputs that exist.")->group("Common");
  app.add_flag("--verbose", common.verbose, "Show what is logged, on stderr.")->group("Common");
  app.add_flag(
         "--json-usage", common.json_usage, "This command's arguments as JSON, for other programs.")
      ->group("Common");
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
  auto hint = suggestion(two, names);
  if (hint.empty()) hint = suggestion(words[0], names);
  const bool known_noun = std::find(names.begin(), names.end(), words[0]) != names.end();
  std::string text = "unknown command '" + (known_noun ? two : words[0]) + "'" + hint;
  if (known_noun) {
    text += " (" + words[0] + " has";
    for (const Command& command : commands)
      if (command.name().starts_with(words[0] + " "))
        text += " " + command.name().substr(words[0].size() + 1);
    text += ")";
  }
  return text;
}

int run_command(Command& command,
                std::vector<std::string> arguments,
                const std::string& invocation) {
  Context context;
  Common common;
  std::vector<std::string> words;
  CLI::App app(command.summary(), invocation);
  try {
    declare(app, command, words, context, common);
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
    if (common.json_usage) {
      std::printf("%s\n", usage_of(command).dump(2).c_str());
      return kDone;
    }
    command.take_words(words);
    context.progress = make_progress(progress_style(common.progress));
  } catch (const CLI::CallForHelp&) {
    std::printf("%s", app.help().c_str());
    return kDone;
  } catch (const CLI::ExtrasError&) {
    std::vector<std::string> names = {
        "--json", "--progress", "--workspace", "--overwrite", "--output", "--help"};
    for (const Field& field : command.all_fields()) names.push_back("--" + field.name);
    const auto extras = app.remaining();
    return complain("unknown option '" + extras.front() + "'" + suggestion(extras.front(), names) +
                        " (" + invocation + " --help lists them all)",
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
    return words.empty() ? kUsage : kDone;
  }
  if (words[0] == "--version") {
    std::printf("canopy %s\n", kVersion);
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
                           {words.begin() + static_cast<std::ptrdiff_t>(length), words.end()},
                           "canopy " + name);
    }
  }
  return complain(unknown_command(words, commands), kUsage);
}

}  // namespace

int run_program(int argc, char** argv, std::vector<Command> commands) {
  install_interrupt_handlers();
  try {
    return dispatch({argv + 1, argv + argc}, commands);
  } catch (const Error& error) {
    if (interrupted()) return complain(error.what(), 128 + interrupted());
    return complain(error.what(), exit_code_of(error));
  } catch (const std::bad_alloc&) {
    return complain("out of memory; lower threads, batch or tile-size", kFailed);
  } catch (const std::exception& error) {
    return complain(std::string(error.what()) + " (this is a defect of canopy, please report it)",
                    kFailed);
  }
}

}  // namespace canopy
