// SPDX-License-Identifier: Apache-2.0
#include "tuned_defaults.h"

#include <cctype>
#include <cstdio>

#include "base/error.h"
#include "base/options.h"
#include "base/threads.h"
#include "figures.h"
#include "tune/loader_setting.h"

namespace canopy {
namespace {

/// "AMD EPYC 9R14" on two cores is "amd-epyc-9r14-2-cores".
std::string machine() {
  std::string name;
  for (const char c : processor() + " " + std::to_string(available_cores()) + " cores") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  return name;
}

}  // namespace

std::filesystem::path tuned_file(const Workspace& workspace) {
  return workspace.root() / "tuned" / (machine() + ".toml");
}

std::filesystem::path tuned_defaults(const std::string& workspace_path) {
  try {
    const std::filesystem::path file = tuned_file(Workspace::open(workspace_path));
    return std::filesystem::exists(file) ? file : std::filesystem::path();
  } catch (const Error&) {
    return {};  // whoever needs a workspace says what is wrong with it
  }
}

void print_defaults(const std::filesystem::path& file, const Workspace& workspace) {
  if (file.empty()) return;
  LoaderSetting setting;
  Fields fields(setting);
  fields.set_from_toml(file.string());
  std::string text;
  for (const Field& field : fields.all()) text += field.name + " " + field.get() + "   ";
  std::printf("tuned      %s(%s; what is given counts more)\n",
              text.c_str(),
              file.lexically_relative(workspace.root()).c_str());
}

}  // namespace canopy
