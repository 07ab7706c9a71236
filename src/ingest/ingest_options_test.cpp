// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/options.h"
#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

using testing::HasSubstr;

std::string refused(const std::string& word) {
  IngestOptions options;
  options.unlabelled = true;
  Fields(options).set_word(word);
  return error_of([&] { options.validate(); });
}

TEST(IngestOptions, defaults_are_valid_once_labels_are_given) {
  IngestOptions options;
  EXPECT_THAT(error_of([&] { options.validate(); }),
              HasSubstr("no labels are given; pass --labels"));
  options.labels = "a.gpkg";
  options.validate();
}

TEST(IngestOptions, each_wrong_value_is_named_with_what_is_expected) {
  EXPECT_THAT(refused("tile-size=16"), HasSubstr("tile-size must be 32 to 8192, not 16"));
  EXPECT_THAT(refused("overlap=300"), HasSubstr("overlap must be"));
  EXPECT_THAT(refused("gsd=0.1,-1"), HasSubstr("gsd must be metres per pixel, above 0, not -1"));
  EXPECT_THAT(refused("min-valid=2"), HasSubstr("min-valid must be"));
  EXPECT_THAT(refused("label-revision=0"), HasSubstr("label-revision must be"));
  EXPECT_THAT(refused("threads=-1"), HasSubstr("threads must be"));
  EXPECT_THAT(refused("captured-on=1.2.2024"), HasSubstr("'1.2.2024' is no date"));
  EXPECT_THAT(refused("split=dev"), HasSubstr("'dev' must be train, val or test"));
  EXPECT_THAT(refused("meta=block"), HasSubstr("'block' must be written key=value"));
  EXPECT_THAT(refused("band=nir.tif"), HasSubstr("'nir.tif' must be written key=value"));
  EXPECT_THAT(refused("labels=a.gpkg"), HasSubstr("exclude each other"));
}

TEST(IngestOptions, meta_and_bands_are_pairs) {
  IngestOptions options;
  options.meta = {"block=A3", "note=a=b"};
  options.band = {"nir=n.tif"};
  EXPECT_EQ(options.meta_object(), (nlohmann::json{{"block", "A3"}, {"note", "a=b"}}));
  EXPECT_EQ(options.extra_bands().at("nir"), "n.tif");
}

}  // namespace
}  // namespace canopy
