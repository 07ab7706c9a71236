// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/postgres_session.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

const std::string kPrograms = CANOPY_POSTGRES_BIN;

/// Begins a program of the server's, as a user who is not root; its words go to `log`.
pid_t begin(const std::vector<std::string>& words, const fs::path& log, const passwd* user) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (user &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  // After setuid, which clears it: the server goes when the test program does.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(file, 1);
  ::dup2(file, 2);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

const passwd* user_of_server() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  check(user != nullptr, "PostgreSQL's package makes a user 'postgres'");
  return user;
}

}  // namespace

PostgresServer& PostgresServer::instance() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : owner_(::getpid()) {
  // Short, for a socket's path has at most 107 bytes.
  std::string name = (fs::temp_directory_path() / "canopy_pg_XXXXXX").string();
  check(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
  folder_ = name;
  const passwd* user = user_of_server();
  if (user) check(::chown(folder_.c_str(), user->pw_uid, user->pw_gid) == 0, "chown");
  const pid_t child = begin({kPrograms + "/initdb",
                             "-D",
                             folder_ / "data",
                             "-U",
                             "canopy_admin",
                             "--auth=trust",
                             "-E",
                             "UTF8",
                             "--locale=C.UTF-8",
                             "--no-sync"},
                            folder_ / "log",
                            user);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) throw Error(Fault::Environment, "initdb failed: " + read_file(folder_ / "log"));
  start();
  as_superuser(url_of("postgres", "canopy_admin"), "CREATE ROLE tester LOGIN");
}

PostgresServer::~PostgresServer() {
  if (owner_ != ::getpid()) return;
  kill();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void PostgresServer::start() {
  server_ = begin({kPrograms + "/postgres",
                   "-D",
                   folder_ / "data",
                   "-k",
                   folder_,
                   "-c",
                   "listen_addresses=",
                   "-c",
                   "fsync=off",
                   "-c",
                   "wal_level=minimal",
                   "-c",
                   "max_wal_senders=0"},
                  folder_ / "log",
                  user_of_server());
  const std::string url = url_of("postgres", "canopy_admin");
  for (int i = 0; PQping(url.c_str()) != PQPING_OK; ++i) {
    int status = 0;
    if (i == 3000 || ::waitpid(server_, &status, WNOHANG) == server_)
      throw Error(Fault::Environment, "postgres does not start: " + read_file(folder_ / "log"));
    ::usleep(10000);
  }
}

void PostgresServer::kill() {
  if (server_ == 0) return;
  ::kill(server_, SIGQUIT);  // an immediate shutdown: no checkpoint, recovery at the next start
  int status = 0;
  ::waitpid(server_, &status, 0);
  server_ = 0;
}

std::string PostgresServer::url_of(const std::string& database, const std::string& user) const {
  return "postgres://" + user + "@/" + database + "?host=" + folder_.string();
}

std::string PostgresServer::for_user(const std::string& url, const std::string& user) {
  return "postgres://" + user + url.substr(url.find('@'));
}

std::string PostgresServer::fresh_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  as_superuser(url_of("postgres", "canopy_admin"), "CREATE DATABASE " + name + " OWNER tester");
  return url_of(name, "tester");
}

void PostgresServer::as_superuser(const std::string& url, const std::string& sql) const {
  PostgresSession(for_user(url, "canopy_admin")).execute(sql);
}

}  // namespace canopy
