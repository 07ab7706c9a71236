// SPDX-License-Identifier: Apache-2.0
#include "geo/band_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Colour = BandClue::Colour;
using Clues = std::vector<BandClue>;

std::string message_of(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  return "no error";
}

TEST(BandNames, what_people_write_is_understood) {
  for (const char* text : {"Red", "red", "R", "Red-650", "Band_3 (red)", "RED reflectance"})
    EXPECT_EQ(understood_band(text), "red") << text;
  for (const char* text : {"red edge",
                           "RedEdge",
                           "rededge",
                           "Red_Edge",
                           "Red edge-740",
                           "RE",
                           "Band 4: red edge",
                           "RedEdge717"})
    EXPECT_EQ(understood_band(text), "red_edge") << text;
  for (const char* text : {"NIR",
                           "nir",
                           "near infrared",
                           "Near-Infrared",
                           "Band_4 (nir)",
                           "N.I.R.",
                           "NIR-842",
                           "near_ir",
                           "Infrared"})
    EXPECT_EQ(understood_band(text), "nir") << text;
  for (const char* text : {"Blue", "blue-475", "B"})
    EXPECT_EQ(understood_band(text), "blue") << text;
  EXPECT_EQ(understood_band("Green"), "green");
  EXPECT_EQ(understood_band("LWIR"), "thermal");
  EXPECT_EQ(understood_band("DSM"), "dsm");
  EXPECT_EQ(understood_band("Alpha"), "alpha");
}

TEST(BandNames, what_nobody_can_understand_is_not_guessed) {
  for (const char* text :
       {"", "Band 1", "channel_2", "red green", "NDVI", "layer B of stack", "842 nm"})
    EXPECT_EQ(understood_band(text), std::nullopt) << text;
}

TEST(BandNames, descriptions_win_over_colours) {
  const Clues clues = {{"Blue", Colour::Red},
                       {"Green", Colour::Green},
                       {"Red", Colour::Blue},
                       {"Red edge", Colour::Unknown},
                       {"NIR", Colour::Unknown},
                       {"", Colour::Alpha}};
  const BandNames names = name_bands("a.tif", clues, {});
  EXPECT_THAT(names.names, ElementsAre("blue", "green", "red", "red_edge", "nir", "alpha"));
  EXPECT_EQ(names.origin, "named in the file");
}

TEST(BandNames, a_described_band_that_is_not_known_keeps_its_own_word) {
  const BandNames names = name_bands("a.tif", {{"Red"}, {"Chlorophyll Index"}, {""}, {"red"}}, {});
  EXPECT_THAT(names.names, ElementsAre("red", "chlorophyll_index", "band_3", "band_4"));
}

TEST(BandNames, one_band_beside_red_green_blue_is_infrared_but_two_are_not_guessed) {
  const Clues rgb = {{"", Colour::Red}, {"", Colour::Green}, {"", Colour::Blue}};
  EXPECT_THAT(name_bands("a", rgb, {}).names, ElementsAre("red", "green", "blue"));
  Clues rgbn = rgb;
  rgbn.push_back({});
  EXPECT_THAT(name_bands("a", rgbn, {}).names, ElementsAre("red", "green", "blue", "nir"));
  rgbn.push_back({});
  EXPECT_THAT(name_bands("a", rgbn, {}).names,
              ElementsAre("red", "green", "blue", "band_4", "band_5"));
  Clues rgba = rgb;
  rgba.push_back({"", Colour::Alpha});
  EXPECT_THAT(name_bands("a", rgba, {}).names, ElementsAre("red", "green", "blue", "alpha"));
}

TEST(BandNames, bands_without_any_word_go_by_their_number) {
  EXPECT_THAT(name_bands("a", Clues(1), {}).names, ElementsAre("pan"));
  EXPECT_THAT(name_bands("a", Clues(3), {}).names, ElementsAre("red", "green", "blue"));
  EXPECT_THAT(name_bands("a", Clues(4), {}).names, ElementsAre("red", "green", "blue", "nir"));
  EXPECT_THAT(name_bands("a", Clues(5), {}).names,
              ElementsAre("blue", "green", "red", "red_edge", "nir"));
  EXPECT_THAT(name_bands("a", Clues(2), {}).names, ElementsAre("band_1", "band_2"));
  Clues with_alpha(5);
  with_alpha.push_back({"", Colour::Alpha});
  with_alpha[0].colour = Colour::Gray;
  EXPECT_THAT(name_bands("a", with_alpha, {}).names,
              ElementsAre("blue", "green", "red", "red_edge", "nir", "alpha"));
  EXPECT_EQ(name_bands("a", with_alpha, {}).origin, "by their number");
}

TEST(BandNames, given_names_win_and_a_dash_leaves_a_band_out) {
  const Clues rgba = {
      {"", Colour::Red}, {"", Colour::Green}, {"", Colour::Blue}, {"", Colour::Alpha}};
  EXPECT_THAT(name_bands("a", rgba, {"NIR", "-", "green"}).names,
              ElementsAre("nir", "-", "green", "alpha"));
  EXPECT_THAT(name_bands("a", rgba, {"NIR", "red", "green", "-"}).names,
              ElementsAre("nir", "red", "green", "-"));
  EXPECT_THAT(name_bands("a", Clues(2), {"pan", "alpha"}).names, ElementsAre("pan", "alpha"));
}

TEST(BandNames, wrong_names_are_refused_with_the_remedy) {
  const auto bands = [](std::vector<std::string> given) {
    return message_of([&] { name_bands("ortho.tif", Clues(3), given); });
  };
  EXPECT_EQ(bands({"red", "green"}),
            "ortho.tif: has 3 bands, but 2 names were given; name each band, '-' leaves one out");
  EXPECT_THAT(bands({"red", "gren", "blue"}),
              HasSubstr("'gren' is no band that Canopy knows; did you mean 'green'?"));
  EXPECT_THAT(bands({"red", "red", "blue"}), HasSubstr("band 'red' is named twice"));
}

}  // namespace
}  // namespace canopy
