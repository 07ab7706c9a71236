// SPDX-License-Identifier: Apache-2.0
#include "ingest/source_uri.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

namespace fs = std::filesystem;

TEST(SourceUri, is_relative_to_the_workspace_below_it_and_absolute_elsewhere) {
  const fs::path here = fs::current_path();
  EXPECT_EQ(source_uri("w/flights/ortho.tif", "w"), "flights/ortho.tif");
  EXPECT_EQ(source_uri("./w/../w/ortho.tif", here / "w/"), "ortho.tif");
  EXPECT_EQ(source_uri("w2/ortho.tif", "w"), here / "w2/ortho.tif");
  EXPECT_EQ(source_uri("../ortho.tif", "."), here.parent_path() / "ortho.tif");
  EXPECT_EQ(source_uri("/data/ortho.tif", "/w"), "/data/ortho.tif");
  EXPECT_EQ(source_uri("ortho.tif", ""), here / "ortho.tif");
  EXPECT_EQ(source_uri("w/..ortho.tif", "w"), "..ortho.tif");
}

TEST(SourceUri, an_address_stays_as_it_is) {
  for (const char* text : {"s3://bucket/a/../ortho.tif", "/vsizip//a.zip/ortho.tif", ""})
    EXPECT_EQ(source_uri(text, "/"), text);
}

}  // namespace
}  // namespace canopy
