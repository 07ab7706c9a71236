// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "registry/registry.h"

// What every registry keeps, whatever holds it. A backend's test gives a place and a way to open
// it:
//   INSTANTIATE_TEST_SUITE_P(Sqlite, RegistryContract, testing::Values(RegistryBackend{"sqlite",
//   open_fresh}));

namespace canopy {

/// Opens another connection to one and the same registry, which `fresh` has emptied.
struct RegistryBackend {
  const char* name;
  std::function<void()> fresh;
  std::function<std::unique_ptr<Registry>()> connect;
};

class RegistryContract : public testing::TestWithParam<RegistryBackend> {
 protected:
  using Json = nlohmann::ordered_json;

  void SetUp() override {
    GetParam().fresh();
    registry_ = GetParam().connect();
  }

  /// A dataset.json as far as the registry reads it; `digit` makes its id.
  static Json manifest(const std::string& name, char digit) {
    return {{"id", std::string(64, digit)},
            {"name", name},
            {"query", "SELECT tile_id FROM examples WHERE crop = '" + name + "'"},
            {"counts", {{"tiles", 41208}}}};
  }
  static std::string id(char digit) { return std::string(64, digit); }

  /// walnuts ── first ── lite ── (evaluation) and lite ── second ── tuned, on citrus.
  void record_history() {
    registry_->record_dataset(manifest("walnuts", 'a'), "sha-a", "datasets/walnuts-aaaaaaaaaaaa");
    registry_->record_dataset(manifest("citrus", 'b'), "sha-b", "datasets/citrus-bbbbbbbbbbbb");
    registry_->begin_run({{"id", "first"}, {"dataset_id", id('a')}, {"lr", 0.01}});
    registry_->finish_run(
        "first", RunStatus::Done, {.wall_s = 60, .examples_seen = 1000, .usd = 0.5});
    registry_->record_model({{"id", id('c')},
                             {"name", "lite"},
                             {"uri", "models/lite.safetensors"},
                             {"run_id", "first"}});
    registry_->record_evaluation(id('c'), id('a'), "test", {{"mask_ap", 0.51}});
    registry_->begin_run({{"id", "second"}, {"dataset_id", id('b')}, {"started_from", id('c')}});
    registry_->record_model({{"id", id('d')},
                             {"name", "tuned"},
                             {"uri", "models/tuned.safetensors"},
                             {"run_id", "second"}});
  }

  /// "kind:title" of the nodes, in order; ids of runs, which have no better name.
  static std::vector<std::string> shown(const Lineage& lineage) {
    std::vector<std::string> out;
    for (const LineageNode& node : lineage.nodes)
      out.push_back(std::to_string(node.distance) + " " + node.kind + " " +
                    (node.kind == "run" ? node.id : node.title.substr(0, node.title.find(':'))));
    return out;
  }

  std::unique_ptr<Registry> registry_;
};

TEST_P(RegistryContract, an_empty_registry_knows_nothing) {
  EXPECT_TRUE(registry_->datasets().empty());
  EXPECT_TRUE(registry_->runs().empty());
  EXPECT_TRUE(registry_->models().empty());
  EXPECT_TRUE(registry_->evaluations().empty());
  EXPECT_FALSE(registry_->find_model("lite").has_value());
  EXPECT_FALSE(registry_->find_model("").has_value());
  EXPECT_THAT(error_of([&] { registry_->lineage("lite"); }),
              testing::HasSubstr("NotFound: 'lite'"));
}

TEST_P(RegistryContract, what_is_recorded_is_there_for_the_next_program) {
  record_history();
  registry_ = GetParam().connect();
  ASSERT_EQ(registry_->datasets().size(), 2u);
  EXPECT_EQ(registry_->datasets()[0].name, "walnuts");
  EXPECT_EQ(registry_->datasets()[0].tile_count, 41208);
  EXPECT_EQ(registry_->datasets()[0].manifest, manifest("walnuts", 'a'));
  EXPECT_EQ(registry_->datasets()[0].manifest_sha256, "sha-a");
  EXPECT_EQ(registry_->datasets()[0].uri, "datasets/walnuts-aaaaaaaaaaaa");
  EXPECT_THAT(registry_->datasets()[0].created_at,
              testing::MatchesRegex("20..-..-..T..:..:......Z"));
  ASSERT_EQ(registry_->models().size(), 2u);
  EXPECT_EQ(registry_->models()[1].run_id, "second");
  EXPECT_EQ(registry_->models()[1].uri, "models/tuned.safetensors");
  ASSERT_EQ(registry_->evaluations(id('c')).size(), 1u);
  EXPECT_EQ(registry_->evaluations()[0].metrics["mask_ap"], 0.51);
  EXPECT_EQ(registry_->evaluations()[0].split, "test");
  EXPECT_TRUE(registry_->evaluations(id('d')).empty());
}

TEST_P(RegistryContract, a_dataset_is_recorded_once) {
  EXPECT_TRUE(registry_->record_dataset(manifest("walnuts", 'a'), "sha", "datasets/x"));
  EXPECT_FALSE(registry_->record_dataset(manifest("walnuts", 'a'), "sha", "datasets/x"));
  EXPECT_EQ(registry_->datasets().size(), 1u);
  EXPECT_THAT(
      error_of([&] { registry_->record_dataset(manifest("walnuts", 'a'), "other", "datasets/x"); }),
      testing::HasSubstr("Conflict: dataset walnuts-aaaaaaaaaaaa"));
}

TEST_P(RegistryContract, a_run_that_is_resumed_adds_up_its_cost) {
  registry_->record_dataset(manifest("walnuts", 'a'), "sha", "x");
  const Json run = {{"id", "r"}, {"dataset_id", id('a')}};
  registry_->begin_run(run);
  EXPECT_EQ(registry_->runs().at(0).status, RunStatus::Running);
  EXPECT_EQ(registry_->runs().at(0).finished_at, "");
  registry_->finish_run("r", RunStatus::Interrupted, {10, 19, 0, 1 << 20, 500, 0.01});
  EXPECT_EQ(registry_->runs().at(0).status, RunStatus::Interrupted);
  EXPECT_NE(registry_->runs().at(0).finished_at, "");
  const std::string started = registry_->runs().at(0).started_at;
  registry_->begin_run(run);
  EXPECT_EQ(registry_->runs().at(0).status, RunStatus::Running);
  registry_->finish_run("r", RunStatus::Done, {5, 9, 1, 1 << 20, 250, 0.005});
  const RunRecord end = registry_->find_run("r").value();
  EXPECT_EQ(end.status, RunStatus::Done);
  EXPECT_EQ(end.started_at, started);
  EXPECT_DOUBLE_EQ(end.cost.wall_s, 15);
  EXPECT_DOUBLE_EQ(end.cost.cpu_s, 28);
  EXPECT_DOUBLE_EQ(end.cost.device_s, 1);
  EXPECT_EQ(end.cost.bytes_read, 2 << 20);
  EXPECT_EQ(end.cost.examples_seen, 750);
  EXPECT_DOUBLE_EQ(end.cost.usd, 0.015);
}

TEST_P(RegistryContract, a_name_is_its_newest_row_and_the_beginning_of_an_id_is_enough) {
  registry_->record_dataset(manifest("walnuts", 'a'), "s", "x");
  registry_->record_dataset(manifest("walnuts", 'b'), "s", "y");
  EXPECT_EQ(registry_->find_dataset("walnuts")->id, id('b'));
  EXPECT_EQ(registry_->find_dataset("aaaaaa")->id, id('a'));
  EXPECT_EQ(registry_->find_dataset("walnuts-aaaaaaaaaaaa")->id, id('a'));
  EXPECT_EQ(registry_->find_dataset(id('a'))->id, id('a'));
  EXPECT_FALSE(registry_->find_dataset("aaaaa").has_value());
  EXPECT_FALSE(registry_->find_dataset("waln").has_value());
  Json twin = manifest("twin", 'a');
  twin["id"] = std::string(63, 'a') + "0";
  registry_->record_dataset(twin, "s", "z");
  EXPECT_THAT(error_of([&] { registry_->find_dataset("aaaaaaaa"); }),
              testing::HasSubstr("give more of it"));
}

TEST_P(RegistryContract, lineage_answers_both_ways) {
  record_history();
  EXPECT_THAT(shown(registry_->lineage("tuned")),
              testing::ElementsAre("-5 query SELECT tile_id FROM examples WHERE crop = 'walnuts'",
                                   "-4 dataset walnuts",
                                   "-3 query SELECT tile_id FROM examples WHERE crop = 'citrus'",
                                   "-3 run first",
                                   "-2 dataset citrus",
                                   "-2 model lite",
                                   "-1 run second",
                                   "0 model tuned"));
}

TEST_P(RegistryContract, the_mean_of_models_comes_from_those_that_are_known) {
  record_history();
  registry_->record_model({{"id", id('e')},
                           {"name", "soup"},
                           {"uri", "models/soup.safetensors"},
                           {"averaged_from", {id('c'), id('d'), id('f')}}});
  const std::vector<std::string> nodes = shown(registry_->lineage("soup"));
  EXPECT_THAT(nodes, testing::IsSupersetOf({"-1 model lite", "-1 model tuned", "0 model soup"}));
  EXPECT_THAT(shown(registry_->lineage("citrus")), testing::Contains("3 model soup"));
}

TEST_P(RegistryContract, lineage_of_a_dataset_lists_the_models_that_saw_it) {
  record_history();
  const Lineage lineage = registry_->lineage("walnuts");
  EXPECT_THAT(shown(lineage),
              testing::ElementsAre("-1 query SELECT tile_id FROM examples WHERE crop = 'walnuts'",
                                   "0 dataset walnuts",
                                   "1 evaluation on test",
                                   "1 run first",
                                   "2 model lite",
                                   "3 run second",
                                   "4 model tuned"));
  EXPECT_EQ(lineage.edges.size(), 7u);
}

TEST_P(RegistryContract, what_refers_to_nothing_is_refused_and_leaves_no_trace) {
  const auto not_found = [&](auto&& work) {
    EXPECT_THAT(error_of(work), testing::HasSubstr("NotFound"));
  };
  not_found([&] { registry_->begin_run({{"id", "r"}, {"dataset_id", id('a')}}); });
  not_found([&] { registry_->finish_run("r", RunStatus::Done, {}); });
  not_found([&] {
    registry_->record_model({{"id", "m"}, {"name", "m"}, {"uri", "m"}, {"run_id", "r"}});
  });
  registry_->record_dataset(manifest("walnuts", 'a'), "sha", "x");
  not_found([&] {
    registry_->begin_run({{"id", "r"}, {"dataset_id", id('a')}, {"started_from", "m"}});
  });
  not_found([&] { registry_->record_evaluation("m", id('a'), "test", {}); });
  registry_->record_model({{"id", "m"}, {"name", "m"}, {"uri", "m"}});
  not_found([&] { registry_->record_evaluation("m", id('b'), "test", {}); });
  EXPECT_TRUE(registry_->runs().empty());
  EXPECT_TRUE(registry_->evaluations().empty());
  EXPECT_FALSE(registry_->record_model({{"id", "m"}, {"name", "m"}, {"uri", "m"}}));
}

TEST_P(RegistryContract, a_row_without_its_identity_is_refused) {
  for (const char* key : {"id", "name", "query"}) {
    Json lacking = manifest("walnuts", 'a');
    lacking.erase(key);
    EXPECT_THAT(error_of([&] { registry_->record_dataset(lacking, "s", "x"); }),
                testing::HasSubstr("User: dataset has no '" + std::string(key) + "'"));
  }
  EXPECT_THAT(error_of([&] {
                registry_->begin_run({{"id", ""}});
              }),
              testing::HasSubstr("run has no 'id'"));
  EXPECT_THAT(error_of([&] {
                registry_->begin_run({{"id", "r"}});
              }),
              testing::HasSubstr("'dataset_id'"));
  EXPECT_THAT(error_of([&] {
                registry_->record_model({{"id", "m"}});
              }),
              testing::HasSubstr("model has no 'name'"));
  EXPECT_THAT(error_of([&] {
                registry_->record_model({{"id", "m"}, {"name", "m"}});
              }),
              testing::HasSubstr("'uri'"));
}

TEST_P(RegistryContract, a_run_stays_with_its_dataset_and_an_ambiguous_word_is_named) {
  record_history();
  EXPECT_THAT(error_of([&] {
                registry_->begin_run({{"id", "first"}, {"dataset_id", id('b')}});
              }),
              testing::HasSubstr("Conflict: run 'first'"));
  EXPECT_THAT(
      error_of([&] {
        registry_->begin_run({{"id", "first"}, {"dataset_id", id('a')}, {"started_from", id('d')}});
      }),
      testing::HasSubstr("came of this very run"));
  registry_->record_model({{"id", "m"}, {"name", "walnuts"}, {"uri", "m"}});
  EXPECT_THAT(error_of([&] { registry_->lineage("walnuts"); }),
              testing::HasSubstr("'walnuts' is a model and a dataset"));
}

TEST_P(RegistryContract, many_writers_wait_for_each_other) {
  registry_->record_dataset(manifest("walnuts", 'a'), "sha", "x");
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([&, writer] {
      const std::unique_ptr<Registry> own = writer == 0 ? nullptr : GetParam().connect();
      Registry& registry = own ? *own : *registry_;
      for (int i = 0; i < 10; ++i) {
        const std::string run = "run-" + std::to_string(writer) + "-" + std::to_string(i);
        registry.begin_run({{"id", run}, {"dataset_id", id('a')}});
        registry.finish_run(run, RunStatus::Done, {.wall_s = 1});
        EXPECT_TRUE(registry.find_run(run).has_value());
      }
    });
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(registry_->runs().size(), 40u);
}

}  // namespace canopy
