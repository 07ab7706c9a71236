// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace canopy {

void require(bool ok, const std::string& what) {
  if (!ok) throw Error(Fault::User, what);
}

void check(bool ok, const char* what, std::source_location at) {
  if (ok) return;
  throw Error(Fault::Bug,
              std::string(what) + " (" + at.file_name() + ":" + std::to_string(at.line()) +
                  "; this is a defect of canopy, please report it)");
}

void throw_errno(const std::string& what) {
  const int code = errno;
  throw Error(Fault::Environment, what + ": " + std::generic_category().message(code));
}

Error add_context(const std::string& context, const Error& error) {
  return Error(error.fault(), context + ": " + error.what());
}

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::User:
      return "User";
    case Fault::NotFound:
      return "NotFound";
    case Fault::Conflict:
      return "Conflict";
    case Fault::Environment:
      return "Environment";
    case Fault::Bug:
      return "Bug";
  }
  return "Unknown";
}

}  // namespace canopy
