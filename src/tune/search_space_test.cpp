// SPDX-License-Identifier: Apache-2.0
#include "tune/search_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "train/train_options.h"

namespace canopy {
namespace {

using testing::HasSubstr;

class SearchSpaceTest : public testing::Test {
 protected:
  std::string refusal(const std::vector<std::string>& entries) {
    return error_of([&] { search_space(entries, fields_); });
  }
  TrainOptions options_;
  Fields fields_{options_};
};

TEST_F(SearchSpaceTest, takes_a_usual_range_a_range_or_a_choice) {
  const SearchSpace space = search_space(
      {"lr", "loss-mask:0.25..4", "clip:1..2", "batch:2/4", "precision:fp32/bf16", "warm-up:0..9"},
      fields_);
  ASSERT_EQ(space.size(), 6u);
  EXPECT_EQ(to_text(space[0]), "lr 1e-04..0.003 (log)");
  EXPECT_EQ(to_text(space[1]), "loss-mask 0.25..4 (log)");
  EXPECT_EQ(to_text(space[2]), "clip 1..2 (log)");
  EXPECT_EQ(to_text(space[3]), "batch 2/4");
  EXPECT_TRUE(space[3].is_typed);
  EXPECT_EQ(to_text(space[4]), "precision fp32/bf16");
  EXPECT_EQ(to_text(space[5]), "warm-up 0..9") << "nothing below 1 has a logarithm";
  EXPECT_EQ(space[5].kind, Parameter::Kind::Whole);
  EXPECT_EQ(options_.loader.batch, 4) << "options stay as they are";
}

TEST_F(SearchSpaceTest, every_usual_range_is_one_of_an_option_and_holds_its_default) {
  for (const std::string& name : usual_names()) {
    const SearchSpace space = search_space({name}, fields_);
    const Setting now = setting_in(space, fields_);
    if (name == "network.detection-nms") continue;  // 0: as the backbone has it
    EXPECT_TRUE(space.front().place_of(now.at(name))) << name << " " << now.at(name);
  }
  for (const std::string& name : kUsualSearch) EXPECT_THAT(usual_names(), testing::Contains(name));
}

TEST_F(SearchSpaceTest, every_end_of_a_usual_range_can_be_trained_with) {
  for (const std::string& name : usual_names())
    for (const double end : {0.0, 1.0}) {
      TrainOptions options;
      Fields fields(options);
      apply({{name, search_space({name}, fields).front().text_at(end)}}, fields);
      EXPECT_NO_THROW(options.validate()) << name << " at " << end;
    }
}

TEST_F(SearchSpaceTest, mistakes_are_named_with_what_to_write) {
  EXPECT_EQ(
      refusal({"lrr"}),
      "User: search: unknown option 'lrr'; did you mean 'lr'? (canopy train --help lists them "
      "all)");
  EXPECT_THAT(refusal({"lr:1e-3..1e-4"}), HasSubstr("'lr:1e-3..1e-4' is an empty range"));
  EXPECT_THAT(refusal({"lr:1e-4..fast"}), HasSubstr("'fast' is no number"));
  EXPECT_THAT(refusal({"lr:..1"}), HasSubstr("'' is no number"));
  EXPECT_THAT(refusal({"batch:1.5..4"}), HasSubstr("'1.5' is no whole number"));
  EXPECT_THAT(refusal({"lr:1e-4"}), HasSubstr("leaves no choice; write lr:A/B"));
  EXPECT_THAT(refusal({"batch:2/big"}), HasSubstr("'batch:2/big': 'big' is not an integer"));
  EXPECT_THAT(refusal({"precision"}), HasSubstr("has no usual range; write precision:A/B"));
  EXPECT_THAT(refusal({"precision:1..2"}), HasSubstr("precision is no number"));
  EXPECT_THAT(refusal({"prefetch"}), HasSubstr("write prefetch:LOW..HIGH"));
  EXPECT_THAT(refusal({"steps:10..20"}), HasSubstr("'steps' is the same for all trials"));
  EXPECT_THAT(refusal({"lr", "lr:1e-4..1e-3"}), HasSubstr("'lr' stands there twice"));
  EXPECT_THAT(refusal({}), HasSubstr("names no option"));
}

TEST_F(SearchSpaceTest, a_setting_is_a_config_file_of_train) {
  const Setting setting = {
      {"augment.blur", "0.2"}, {"batch", "8"}, {"lr", "1e-04"}, {"precision", "bf16"}};
  const std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) / "a_setting_is_a_config.toml";
  write_file(file, to_toml(setting, fields_));
  fields_.set_from_toml(file.string());
  EXPECT_EQ(options_.loader.crop.augmentation.blur, 0.2);
  EXPECT_EQ(options_.loader.batch, 8);
  EXPECT_EQ(options_.lr, 1e-4);
  EXPECT_EQ(options_.precision, "bf16");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace canopy
