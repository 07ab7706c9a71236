// SPDX-License-Identifier: Apache-2.0
#include "geo/crs.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geo/gdal_fixture_test.h"

namespace canopy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// As ESRI software writes it: no authority codes at all.
const char* const kEsriUtm =
    R"(PROJCS["WGS_1984_UTM_Zone_34S",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",10000000.0],PARAMETER["Central_Meridian",21.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]])";
const char* const kFarmGrid =
    R"(PROJCS["Farm grid",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",-33.5],PARAMETER["central_meridian",19.25],PARAMETER["scale_factor",1],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1]])";

TEST(Crs, points_go_longitude_first_and_come_back) {
  const Reprojection to_utm("EPSG:4326", "EPSG:32734");
  const Point utm = to_utm(Point{19.25, -33.5});
  EXPECT_NEAR(utm.x, 337'440.638, 0.01);  // checked with gdaltransform
  EXPECT_NEAR(utm.y, 6'291'910.313, 0.01);
  const Reprojection back("EPSG:32734", "EPSG:4326");
  EXPECT_NEAR(back(utm).x, 19.25, 1e-9);
  EXPECT_NEAR(back(utm).y, -33.5, 1e-9);
}

TEST(Crs, polygons_keep_their_rings_and_their_turn) {
  const Reprojection to_utm("EPSG:4326", "EPSG:32734");
  const Polygon square = {{{{19, -33}, {19.001, -33}, {19.001, -32.999}, {19, -32.999}}}};
  EXPECT_GT(signed_area(to_utm(square).rings.at(0)), 0);
}

TEST(Crs, a_code_is_found_in_wkt_with_and_without_authority) {
  EXPECT_EQ(canonical_crs("EPSG:32734"), "EPSG:32734");
  EXPECT_EQ(canonical_crs("epsg:4326"), "EPSG:4326");
  EXPECT_EQ(canonical_crs(kEsriUtm), "EPSG:32734");
  EXPECT_EQ(canonical_crs("WGS84"), "EPSG:4326");
}

TEST(Crs, heights_are_left_aside) {
  EXPECT_EQ(canonical_crs("EPSG:32734+5773"), "EPSG:32734");
  EXPECT_EQ(canonical_crs("EPSG:4979"), "EPSG:4326");
}

TEST(Crs, a_crs_without_a_code_stays_wkt_that_reads_back) {
  const std::string wkt = canonical_crs(kFarmGrid);
  EXPECT_THAT(wkt, HasSubstr("Farm grid"));
  EXPECT_EQ(canonical_crs(wkt), wkt);
  EXPECT_TRUE(same_crs(wkt, kFarmGrid));
}

TEST(Crs, sameness_is_of_meaning_not_of_text) {
  EXPECT_TRUE(same_crs("EPSG:32734", kEsriUtm));
  EXPECT_FALSE(same_crs("EPSG:32734", "EPSG:32733"));
  EXPECT_FALSE(same_crs("EPSG:4326", "EPSG:3857"));
}

TEST(Crs, units_are_known) {
  EXPECT_TRUE(is_geographic("EPSG:4326"));
  EXPECT_FALSE(is_geographic("EPSG:32734"));
  EXPECT_DOUBLE_EQ(metres_per_unit("EPSG:32734"), 1);
  EXPECT_NEAR(metres_per_unit("EPSG:2227"), 0.3048006096, 1e-9);  // US survey feet
  EXPECT_THAT(error_of([] { metres_per_unit("EPSG:4326"); }), HasSubstr("is in degrees"));
}

TEST(Crs, every_longitude_has_its_utm_zone) {
  EXPECT_EQ(utm_crs(19.25, -33.5), "EPSG:32734");
  EXPECT_EQ(utm_crs(-121.8, 39.7), "EPSG:32610");
  EXPECT_EQ(utm_crs(-180, 10), "EPSG:32601");
  EXPECT_EQ(utm_crs(180, 10), "EPSG:32601");
  EXPECT_EQ(utm_crs(179.9, -10), "EPSG:32760");
  EXPECT_THAT(error_of([] { utm_crs(19, 433); }), HasSubstr("longitude first"));
}

TEST(Crs, a_pixel_has_its_true_size_whatever_the_units) {
  const Transform utm = {{500'000, 0.1, 0, 6'200'000, 0, -0.1}};
  EXPECT_DOUBLE_EQ(ground_pixel_m("EPSG:32734", utm, 10, 10), 0.1);
  // Web Mercator stretches by 1 / cos(latitude).
  const Point at = Reprojection("EPSG:4326", "EPSG:3857")(Point{19.25, -33.5});
  const Transform mercator = {{at.x, 0.1, 0, at.y, 0, -0.1}};
  const double stretch = std::cos(33.5 * 3.14159265 / 180);
  EXPECT_NEAR(ground_pixel_m("EPSG:3857", mercator, 0, 0), 0.1 * stretch, 0.0003);
  // A degree of latitude is 110,918 m there, one of longitude 92,949 m.
  const Transform degrees = {{19.25, 1e-6, 0, -33.5, 0, -1e-6}};
  EXPECT_NEAR(ground_pixel_m("EPSG:4326", degrees, 0, 0), std::sqrt(0.110918 * 0.092949), 1e-4);
  const Transform feet = {{6'000'000, 0.5, 0, 2'100'000, 0, -0.5}};
  EXPECT_NEAR(ground_pixel_m("EPSG:2227", feet, 0, 0), 0.5 * 0.3048006096, 1e-9);
  const Transform rotated = {{500'000, 0.06, 0.08, 6'200'000, 0.08, -0.06}};
  EXPECT_NEAR(ground_pixel_m("EPSG:32734", rotated, 0, 0), 0.1, 1e-12);
}

TEST(Crs, has_a_proj_string_for_browsers) {
  EXPECT_THAT(proj4_of("EPSG:32734"),
              StartsWith("+proj=utm +zone=34 +south +datum=WGS84 +units=m"));
  EXPECT_THAT(proj4_of("EPSG:4326"), StartsWith("+proj=longlat"));
  EXPECT_THAT(error_of([] { proj4_of("EPSG:9807000"); }), HasSubstr("is not a known CRS"));
  // A plan's own metres, tied to no place on Earth.
  EXPECT_THAT(error_of([] { proj4_of("LOCAL_CS[\"plan\",UNIT[\"metre\",1]]"); }),
              HasSubstr("cannot be written as a PROJ string"));
}

TEST(Crs, what_proj_does_not_know_is_refused_with_the_remedy) {
  EXPECT_THAT(error_of([] { canonical_crs("EPSG:999999"); }),
              StartsWith("User: 'EPSG:999999' is not a known CRS"));
  EXPECT_THAT(error_of([] { canonical_crs(""); }), HasSubstr("name it as EPSG:32734"));
  EXPECT_THAT(error_of([] { Reprojection("EPSG:4326", "nowhere"); }),
              HasSubstr("'nowhere' is not a known CRS"));
  // Never a file or an address.
  EXPECT_THAT(error_of([] { canonical_crs("/etc/passwd"); }), HasSubstr("is not a known CRS"));
}

TEST(Crs, a_point_without_a_place_is_refused) {
  const Reprojection to_mercator("EPSG:4326", "EPSG:3857");
  EXPECT_THAT(error_of([&] {
                to_mercator(Point{0, 1e9});
              }),
              HasSubstr("has no place in EPSG:3857"));
  EXPECT_THAT(error_of([&] { to_mercator(Point{NAN, 0}); }), HasSubstr("has no place"));
}

}  // namespace
}  // namespace canopy
