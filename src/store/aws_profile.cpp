// SPDX-License-Identifier: Apache-2.0
#include "store/aws_profile.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"

namespace canopy {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// "[profile  x]" of a config file and "[x]" of a credentials file are both "x".
std::string section_name(const std::string& line) {
  const std::string inside = trimmed(line.substr(1, line.find(']') - 1));
  const bool is_profile = inside.rfind("profile", 0) == 0 && inside.size() > 7 &&
                          (inside[7] == ' ' || inside[7] == '\t');
  return is_profile ? trimmed(inside.substr(8)) : inside;
}

/// Adds the keys of section `name` that `profile` does not have yet. Whether there was one.
bool add_section(const std::string& path, AwsProfile& profile) {
  errno = 0;
  std::ifstream file(path);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR || errno == 0) return false;
    throw Error(Fault::Environment, path + ": " + std::strerror(errno));
  }
  std::string line;
  bool is_ours = false, was_found = false;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string text = trimmed(line);
    if (text.empty() || text[0] == '#' || text[0] == ';') continue;
    if (text[0] == '[') {
      require(text.find(']') != std::string::npos,
              [&] { return path + ":" + std::to_string(number) + ": ']' is missing"; });
      is_ours = section_name(text) == profile.name;
      was_found = was_found || is_ours;
      continue;
    }
    const bool is_nested = line[0] == ' ' || line[0] == '\t';
    if (!is_ours || is_nested) continue;
    const std::size_t equals = text.find('=');
    require(equals != std::string::npos, [&] {
      return path + ":" + std::to_string(number) + ": is not of the form key = value";
    });
    profile.values.emplace(lower(trimmed(text.substr(0, equals))),
                           trimmed(text.substr(equals + 1)));
  }
  return was_found;
}

}  // namespace

std::string AwsProfile::value(const std::string& key) const {
  const auto found = values.find(key);
  return found == values.end() ? "" : found->second;
}

std::optional<AwsProfile> read_aws_profile(const Variables& variables) {
  const std::string home = variables("HOME");
  std::string credentials = variables("AWS_SHARED_CREDENTIALS_FILE"),
              config = variables("AWS_CONFIG_FILE");
  if (credentials.empty()) credentials = home + "/.aws/credentials";
  if (config.empty()) config = home + "/.aws/config";
  AwsProfile profile;
  profile.name = variables("AWS_PROFILE");
  profile.was_asked_for = !profile.name.empty();
  if (!profile.was_asked_for) profile.name = "default";
  const bool in_credentials = add_section(credentials, profile);
  const bool in_config = add_section(config, profile);
  if (in_credentials || in_config) return profile;
  require(!profile.was_asked_for, [&] {
    return "AWS_PROFILE: there is no profile '" + profile.name + "' in " + credentials + " or " +
           config;
  });
  return std::nullopt;
}

std::string aws_region(const Variables& variables) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (std::string region = variables(name); !region.empty()) return region;
  const std::optional<AwsProfile> profile = read_aws_profile(variables);
  const std::string region = profile ? profile->value("region") : "";
  return region.empty() ? "us-east-1" : region;
}

}  // namespace canopy
