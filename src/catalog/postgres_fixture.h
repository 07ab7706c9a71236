// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

// A PostgreSQL server of its own for a test program: made by the first test that asks for it, in a
// temporary folder that it alone can enter, reachable through a socket in that folder, and ended
// with the program (also with one that is killed). It holds nothing worth a disk's flush, so it
// does not wait for one. Where the tests run as root, the server runs as the user "postgres", for
// it refuses to run as root.

namespace canopy {

class PostgresServer {
 public:
  /// The program's server, running.
  static PostgresServer& instance();

  /// A database that nothing is in yet, owned by the role `tester`, which is no superuser. Returns
  /// its address, for that role.
  std::string fresh_database();
  /// The address of the same database for another user.
  static std::string for_user(const std::string& url, const std::string& user);
  /// Runs a statement as the superuser, in the database of this address.
  void as_superuser(const std::string& url, const std::string& sql) const;

  /// Ends the server at once, as a power cut would; and begins it again, over the same files.
  void kill();
  void start();

 private:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  std::string url_of(const std::string& database, const std::string& user) const;

  std::filesystem::path folder_;
  pid_t owner_ = 0, server_ = 0;
  int databases_ = 0;
};

}  // namespace canopy
