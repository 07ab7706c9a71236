// SPDX-License-Identifier: Apache-2.0
#include "registry/sqlite_registry.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "base/atomic_file.h"
#include "registry/registry_contract.h"
#include "registry/sqlite_session.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// One folder a process; it goes with the process.
const fs::path& scratch() {
  struct Folder {
    fs::path path = fs::temp_directory_path() / ("canopy_registry_" + std::to_string(::getpid()));
    pid_t owner = ::getpid();
    Folder() { fs::create_directories(path); }
    ~Folder() {
      if (owner == ::getpid()) fs::remove_all(path);
    }
  };
  static const Folder folder;
  return folder.path;
}

INSTANTIATE_TEST_SUITE_P(
    Sqlite,
    RegistryContract,
    testing::Values(RegistryBackend{
        "sqlite",
        [] { fs::remove_all(scratch() / "contract"); },
        [] { return Registry::open((scratch() / "contract/registry.sqlite").string()); }}),
    [](const auto& param) { return std::string(param.param.name); });

class SqliteRegistryTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(scratch() / "own"); }

  /// A child that records datasets, runs and models as fast as it can until it is killed.
  pid_t start_writer(int seed) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    try {
      SqliteRegistry registry(path_);
      for (int i = 0;; ++i) {
        const std::string id = std::to_string(seed) + "-" + std::to_string(i);
        registry.record_dataset({{"id", "d" + id}, {"name", "n"}, {"query", "q" + id}}, "s", "u");
        registry.begin_run({{"id", "r" + id}, {"dataset_id", "d" + id}});
        registry.finish_run("r" + id, RunStatus::Done, {.wall_s = 1});
        registry.record_model(
            {{"id", "m" + id}, {"name", "m"}, {"uri", "u"}, {"run_id", "r" + id}});
      }
    } catch (...) {
      ::_exit(7);
    }
  }

  std::string error_of_opening() const {
    try {
      SqliteRegistry registry(path_, 100);
    } catch (const Error& error) {
      return std::string(name_of(error.fault())) + ": " + error.what();
    }
    return "no error";
  }

  fs::path path_ = scratch() / "own/registry.sqlite";
};

TEST_F(SqliteRegistryTest, survives_writers_that_are_killed_at_any_moment) {
  for (int round = 0; round < 8; ++round) {
    const pid_t one = start_writer(2 * round), two = start_writer(2 * round + 1);
    ::usleep(static_cast<useconds_t>(20000 + 23000 * round));
    for (const pid_t child : {one, two}) {
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
    }
    SqliteRegistry registry(path_);
    for (const RunRecord& run : registry.runs())
      EXPECT_DOUBLE_EQ(run.cost.wall_s, run.status == RunStatus::Done ? 1 : 0) << run.id;
    for (const ModelRecord& model : registry.models())
      EXPECT_EQ(registry.lineage(model.id).nodes.size(), 4u) << model.id;
  }
  std::string verdict;
  SqliteSession(path_).run(
      "PRAGMA integrity_check", {}, [&](const auto& row) { verdict = row.text(0); });
  EXPECT_EQ(verdict, "ok");
}

TEST_F(SqliteRegistryTest, many_processes_may_make_the_file_at_once) {
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        SqliteRegistry(path_).record_model(
            {{"id", "m" + std::to_string(i)}, {"name", "m"}, {"uri", "u"}});
        ::_exit(0);
      } catch (...) {
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(SqliteRegistry(path_).models().size(), 6u);
}

TEST_F(SqliteRegistryTest, waits_for_a_holder_and_says_so_when_the_wait_is_over) {
  SqliteRegistry registry(path_, 200);
  SqliteSession holder(path_);
  holder.transaction([&] {
    try {
      registry.record_model({{"id", "m"}, {"name", "m"}, {"uri", "u"}});
      ADD_FAILURE() << "two writers at once";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::Environment);
      EXPECT_THAT(error.what(), testing::HasSubstr("another program has held it"));
    }
  });
  std::thread late([&] {
    SqliteSession other(path_);
    other.transaction([] { std::this_thread::sleep_for(std::chrono::milliseconds(80)); });
  });
  EXPECT_TRUE(SqliteRegistry(path_).record_model({{"id", "m"}, {"name", "m"}, {"uri", "u"}}));
  late.join();
}

TEST_F(SqliteRegistryTest, refuses_files_of_other_programs_and_of_later_versions) {
  write_file(
      path_,
      "this is a text, and long enough to be read as a header of some kind; it goes on and on\n");
  EXPECT_THAT(error_of_opening(), testing::HasSubstr("no SQLite file"));
  fs::remove(path_);
  SqliteSession(path_).execute("CREATE TABLE bookmarks (url TEXT)");
  EXPECT_THAT(error_of_opening(), testing::HasSubstr("another program's database"));
  fs::remove(path_);
  { SqliteRegistry registry(path_); }
  SqliteSession(path_).execute("PRAGMA user_version = 99");
  EXPECT_THAT(error_of_opening(), testing::HasSubstr("later version (schema 99)"));
}

TEST_F(SqliteRegistryTest, a_folder_that_cannot_be_made_is_named) {
  write_file(scratch() / "own/file", "x");
  path_ = scratch() / "own/file/registry.sqlite";
  EXPECT_THAT(error_of_opening(), testing::HasSubstr("Environment"));
}

TEST_F(SqliteRegistryTest, lineage_of_a_thousand_runs_takes_milliseconds) {
  SqliteRegistry registry(path_);
  SqliteSession session(path_);
  session.transaction([&] {
    for (int i = 0; i < 1000; ++i) {
      const std::string n = std::to_string(i);
      session.run(
          "INSERT INTO datasets (id, name, manifest_sha256, uri, tiles, manifest) VALUES (?, 'd', "
          "'', '', 1, '{}')",
          {"d" + n});
      session.run(
          "INSERT INTO runs (id, status, dataset_id, started_from, body) VALUES (?, 'done', ?, '', "
          "'{}')",
          {"r" + n, "d" + n});
      session.run("INSERT INTO models (id, name, run_id, uri, body) VALUES (?, 'm', ?, '', '{}')",
                  {"m" + n, "r" + n});
      session.run("INSERT INTO edges VALUES ('dataset', ?, 'run', ?)", {"d" + n, "r" + n});
      session.run("INSERT INTO edges VALUES ('run', ?, 'model', ?)", {"r" + n, "m" + n});
      if (i > 0)
        session.run("INSERT INTO edges VALUES ('model', ?, 'run', ?)",
                    {"m" + std::to_string(i - 1), "r" + n});
    }
  });
  EXPECT_EQ(registry.lineage("m500").nodes.size(), 1503u + 998u);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(registry.lineage("m3").nodes.size(), 12u + 2 * 996u);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  EXPECT_LT(spent.count(), 1.0);
}

}  // namespace
}  // namespace canopy
