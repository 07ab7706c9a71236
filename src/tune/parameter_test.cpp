// SPDX-License-Identifier: Apache-2.0
#include "tune/parameter.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

const Parameter kRate{.name = "lr", .low = 1e-4, .high = 1e-2, .is_log = true};
const Parameter kBatch{
    .name = "batch", .kind = Parameter::Kind::Whole, .low = 2, .high = 8, .is_log = true};
const Parameter kWords{
    .name = "precision", .kind = Parameter::Kind::Choice, .choices = {"fp32", "bf16", "fp16"}};
const Parameter kFlags{.name = "augmented",
                       .kind = Parameter::Kind::Choice,
                       .choices = {"true", "false"},
                       .is_typed = true};

TEST(Parameter, in_the_logarithm_has_its_geometric_mean_in_the_middle) {
  EXPECT_EQ(kRate.text_at(0), "1e-04");
  EXPECT_EQ(kRate.text_at(0.5), "0.001");
  EXPECT_EQ(kRate.text_at(1), "0.01");
  EXPECT_NEAR(*kRate.place_of("0.001"), 0.5, 1e-9);
  EXPECT_EQ(kRate.place_of("0.02"), std::nullopt);
  EXPECT_EQ(kRate.place_of("fast"), std::nullopt);
}

TEST(Parameter, of_whole_numbers_gives_each_of_them_a_cell) {
  std::map<std::string, int> seen;
  for (double place = 0; place <= 1; place += 1.0 / 1024) ++seen[kBatch.text_at(place)];
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_GT(seen["2"], 2 * seen["8"]) << "in the logarithm";
  for (const auto& [text, times] : seen) {
    EXPECT_EQ(kBatch.text_at(*kBatch.place_of(text)), text);
    EXPECT_GT(times, 50);
  }
  EXPECT_EQ(kBatch.place_of("2.5"), std::nullopt);
}

TEST(Parameter, of_choices_gives_each_of_them_a_cell) {
  EXPECT_EQ(kWords.text_at(0), "fp32");
  EXPECT_EQ(kWords.text_at(0.5), "bf16");
  EXPECT_EQ(kWords.text_at(1), "fp16");
  EXPECT_EQ(kWords.text_at(*kWords.place_of("bf16")), "bf16");
  EXPECT_EQ(kWords.place_of("fp8"), std::nullopt);
}

TEST(Parameter, is_written_as_optuna_writes_distributions) {
  EXPECT_EQ(kRate.distribution().dump(),
            R"({"name":"FloatDistribution","attributes":{"step":null,"low":0.0001,"high":0.01,)"
            R"("log":true}})");
  EXPECT_EQ(kBatch.distribution().dump(),
            R"({"name":"IntDistribution","attributes":{"log":true,"step":1,"low":2,"high":8}})");
  EXPECT_EQ(
      kWords.distribution().dump(),
      R"({"name":"CategoricalDistribution","attributes":{"choices":["fp32","bf16","fp16"]}})");
  EXPECT_EQ(kFlags.distribution().dump(),
            R"({"name":"CategoricalDistribution","attributes":{"choices":[true,false]}})");
}

TEST(Parameter, comes_back_from_what_optuna_keeps) {
  for (const auto& [parameter, text] : std::vector<std::pair<Parameter, std::string>>{
           {kRate, "0.000317"}, {kBatch, "5"}, {kWords, "fp16"}, {kFlags, "false"}})
    EXPECT_EQ(text_of(parameter.number_of(text), parameter.distribution()), text);
  EXPECT_THROW(kRate.number_of("1"), Error);
  EXPECT_THROW(text_of(3, kWords.distribution()), Error);
  EXPECT_THROW(text_of(3, {{"kind", "float"}}), Error);
}

TEST(Parameter, is_shown_to_people_in_one_line) {
  EXPECT_EQ(to_text(kRate), "lr 1e-04..0.01 (log)");
  EXPECT_EQ(to_text(kWords), "precision fp32/bf16/fp16");
}

}  // namespace
}  // namespace canopy
