// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

// The one exception of the library. Whoever can put a failure right decides its Fault; the message
// names the thing, the value and the remedy: "ortho.tif: band 4 'nir' is missing; pass --bands
// red,green,blue or give a 4-band file". Layers add context by catching and throwing anew
// (`add_context`). Three places translate it: the command line into an exit code, the server into a
// status, a worker thread into the exception of whoever waits for it.

namespace canopy {

/// Who has to act on a failure.
enum class Fault {
  User,         ///< the data or the request is wrong
  NotFound,     ///< what was named does not exist
  Conflict,     ///< it exists already, or somebody else holds it
  Environment,  ///< disk, network, memory, a missing program
  Bug,          ///< an invariant of ours is broken
};

class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
  Fault fault() const { return fault_; }

 private:
  Fault fault_;
};

/// Throws Error(User) unless `ok`; `what` tells the caller how to put it right.
void require(bool ok, const std::string& what);
/// The same for a message that costs something to make; `what` is called only on failure.
template <class Message>
  requires requires(Message m) { std::string(m()); }
void require(bool ok, Message&& what) {
  if (!ok) throw Error(Fault::User, what());
}
/// Throws Error(Bug) unless `ok`: an invariant of ours is broken.
void check(bool ok, const char* what, std::source_location at = std::source_location::current());
/// Throws Error(Environment) with the text of `errno`: "<what>: No space left on device".
[[noreturn]] void throw_errno(const std::string& what);

/// The same failure one layer up: "<context>: <message>".
Error add_context(const std::string& context, const Error& error);

/// A short name for logs and reports: "User", "NotFound", ...
const char* name_of(Fault fault);

}  // namespace canopy
