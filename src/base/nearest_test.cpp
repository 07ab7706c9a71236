// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

const std::vector<std::string> kKeys = {"model", "epochs", "sampler", "seed"};

TEST(Nearest, two_swapped_letters_are_one_slip) { EXPECT_EQ(nearest("modle", kKeys), "model"); }
TEST(Nearest, a_word_unlike_all_has_no_suggestion) {
  EXPECT_EQ(nearest("wavelength", kKeys), std::nullopt);
  EXPECT_EQ(suggestion("wavelength", kKeys), "");
}
TEST(Nearest, the_suggestion_reads_as_a_question) {
  EXPECT_EQ(suggestion("epoch", kKeys), "; did you mean 'epochs'?");
}

}  // namespace
}  // namespace canopy
