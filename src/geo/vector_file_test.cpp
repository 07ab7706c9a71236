// SPDX-License-Identifier: Apache-2.0
#include "geo/vector_file.h"

#include <sys/mount.h>

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "geo/crs.h"
#include "geo/gdal_fixture_test.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using VectorFileTest = FolderTest;

const Polygon kSquare = {
    {{{500'000, 6'200'000}, {500'004, 6'200'000}, {500'004, 6'200'004}, {500'000, 6'200'004}},
     {{500'001, 6'200'001}, {500'001, 6'200'002}, {500'002, 6'200'002}, {500'002, 6'200'001}}}};

VectorLayer trees(int count = 2) {
  VectorLayer layer = {
      .name = "trees", .crs = "EPSG:32734", .columns = {"id", "area", "status", "ndre"}};
  for (int i = 0; i < count; ++i) {
    Feature tree;
    tree.polygon = kSquare;
    tree.attributes = {{"id", std::int64_t{i + 1}},
                       {"area", 15.5 + i},
                       {"status", std::string("it's alive")},
                       {"ndre", NAN}};
    layer.features.push_back(tree);
  }
  return layer;
}

VectorLayer gaps() {
  VectorLayer layer = {.name = "missing", .crs = "EPSG:32734", .kind = GeometryKind::Point};
  layer.features.push_back({.kind = GeometryKind::Point,
                            .points = {{500'000, 6'200'000}},
                            .attributes = {{"row", std::int64_t{3}}}});
  return layer;
}

VectorLayer rows() {
  VectorLayer layer = {.name = "rows", .crs = "EPSG:32734", .kind = GeometryKind::Line};
  layer.features.push_back({.kind = GeometryKind::Line, .points = {{1, 2}, {3, 4}, {5, 7}}});
  return layer;
}

TEST_F(VectorFileTest, a_geopackage_keeps_layers_geometry_columns_and_nulls) {
  write_vector(folder_ / "t.gpkg", {trees(), gaps(), rows()});
  EXPECT_THAT(files(), ElementsAre("t.gpkg"));
  EXPECT_THAT(layer_names(folder_ / "t.gpkg"), ElementsAre("trees", "missing", "rows"));
  const VectorLayer back = read_vector(folder_ / "t.gpkg");
  EXPECT_EQ(back.name, "trees");
  EXPECT_EQ(back.crs, "EPSG:32734");
  EXPECT_EQ(back.columns, trees().columns);
  ASSERT_EQ(back.features.size(), 2u);
  EXPECT_EQ(back.features[1].polygon, kSquare);
  EXPECT_EQ(back.features[1].attributes.at("id"), Attribute(std::int64_t{2}));
  EXPECT_EQ(back.features[1].attributes.at("area"), Attribute(16.5));
  EXPECT_EQ(back.features[1].attributes.at("status"), Attribute(std::string("it's alive")));
  EXPECT_EQ(back.features[1].attributes.at("ndre"), Attribute());
  const VectorLayer points = read_vector(folder_ / "t.gpkg", "missing");
  EXPECT_EQ(points.kind, GeometryKind::Point);
  EXPECT_THAT(points.features.at(0).points, ElementsAre(Point{500'000, 6'200'000}));
  EXPECT_THAT(read_vector(folder_ / "t.gpkg", "rows").features.at(0).points,
              ElementsAre(Point{1, 2}, Point{3, 4}, Point{5, 7}));
}

TEST_F(VectorFileTest, the_same_layers_give_the_same_bytes) {
  for (const char* name : {"a", "b"}) {
    write_vector(folder_ / name / "t.gpkg", {trees(300), gaps()}, {{"trees", "<qgis/>"}});
    write_vector(folder_ / name / "t.geojson", {trees(30)});
    write_vector(folder_ / name / "t.shp", {trees(30)});
  }
  for (const char* file : {"t.gpkg", "t.geojson", "t.shp", "t.dbf", "t.shx", "t.prj"})
    EXPECT_EQ(read_file(folder_ / "a" / file), read_file(folder_ / "b" / file)) << file;
}

TEST_F(VectorFileTest, styles_are_where_qgis_looks_for_them) {
  const std::string qml = "<qgis version='3.28'><renderer-v2 type=\"singleSymbol\"/></qgis>";
  write_vector(folder_ / "t.gpkg", {trees(), gaps()}, {{"trees", qml}, {"missing", "<qgis/>"}});
  const VectorLayer styles = read_vector(folder_ / "t.gpkg", "layer_styles");
  ASSERT_EQ(styles.features.size(), 2u);
  for (const Feature& style : styles.features) {
    EXPECT_EQ(style.attributes.at("f_table_catalog"), Attribute(std::string()));
    EXPECT_EQ(style.attributes.at("f_geometry_column"), Attribute(std::string("geom")));
    EXPECT_EQ(style.attributes.at("useAsDefault"), Attribute(std::int64_t{1}));
  }
  EXPECT_EQ(styles.features[1].attributes.at("f_table_name"), Attribute(std::string("trees")));
  EXPECT_EQ(styles.features[1].attributes.at("styleQML"), Attribute(qml));
}

TEST_F(VectorFileTest, geojson_is_in_wgs_84) {
  write_vector(folder_ / "t.geojson", {trees()});
  const VectorLayer back = read_vector(folder_ / "t.geojson");
  EXPECT_EQ(back.crs, "EPSG:4326");
  const Polygon again = Reprojection("EPSG:4326", "EPSG:32734")(back.features.at(0).polygon);
  ASSERT_EQ(again.rings.size(), 2u);
  EXPECT_NEAR(area_of(again), 15, 0.01);
  EXPECT_GT(signed_area(again.rings[0]), 0);
  EXPECT_EQ(back.features[0].attributes.at("ndre"), Attribute());
  EXPECT_THAT(read_file(folder_ / "t.geojson"), testing::Not(HasSubstr("\"crs\"")));
  VectorLayer nowhere = trees();
  nowhere.crs = "";
  EXPECT_THAT(error_of([&] { write_vector(folder_ / "n.geojson", {nowhere}); }),
              HasSubstr("has no CRS, but GeoJSON"));
}

TEST_F(VectorFileTest, a_shapefile_comes_with_its_sidecars_or_zipped) {
  write_vector(folder_ / "t.shp", {trees()});
  EXPECT_THAT(files(), ElementsAre("t.cpg", "t.dbf", "t.prj", "t.shp", "t.shx"));
  write_vector(folder_ / "z.shp.zip", {trees()});
  for (const char* name : {"t.shp", "z.shp.zip"}) {
    const VectorLayer back = read_vector(folder_ / name);
    EXPECT_EQ(back.crs, "EPSG:32734");
    ASSERT_EQ(back.features.size(), 2u);
    EXPECT_EQ(back.features[0].polygon.rings.size(), 2u);
    EXPECT_NEAR(area_of(back.features[0].polygon), 15, 1e-6);
    EXPECT_EQ(back.features[1].attributes.at("id"), Attribute(std::int64_t{2}));
  }
}

TEST_F(VectorFileTest, parts_become_features_and_rings_get_their_turn) {
  std::ofstream(folder_ / "m.geojson") << R"({"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"name": "two"}, "geometry": {"type": "MultiPolygon", "coordinates": [
      [[[0,0],[0,1],[1,1],[1,0],[0,0]]], [[[5,5],[6,5],[6,6],[5,6],[5,5]], [[5.2,5.2],[5.4,5.2],[5.4,5.4],[5.2,5.2]]]]}},
    {"type": "Feature", "properties": {"name": "none"}, "geometry": null}]})";
  const VectorLayer layer = read_vector(folder_ / "m.geojson");
  ASSERT_EQ(layer.features.size(), 3u);
  EXPECT_EQ(layer.features[0].polygon.rings[0].size(), 4u);
  EXPECT_GT(signed_area(layer.features[0].polygon.rings[0]), 0);
  EXPECT_LT(signed_area(layer.features[1].polygon.rings.at(1)), 0);
  EXPECT_EQ(layer.features[1].attributes.at("name"), Attribute(std::string("two")));
  EXPECT_TRUE(layer.features[2].polygon.empty());  // the caller is told of it
}

TEST_F(VectorFileTest, awkward_columns_survive) {
  VectorLayer layer = {.name = "t", .crs = "EPSG:32734", .columns = {"fid", "empty"}};
  Feature a, b;
  a.polygon = b.polygon = kSquare;
  a.attributes = {{"fid", std::int64_t{7}}, {"mixed", std::int64_t{1}}, {"unlisted", 2.5}};
  b.attributes = {{"fid", std::int64_t{7}}, {"mixed", std::string("x")}};
  layer.features = {a, b};
  write_vector(folder_ / "t.gpkg", {layer});
  const VectorLayer back = read_vector(folder_ / "t.gpkg");
  EXPECT_THAT(back.columns, ElementsAre("fid", "empty", "mixed", "unlisted"));
  EXPECT_EQ(back.features.at(1).attributes.at("fid"), Attribute(std::int64_t{7}));
  EXPECT_EQ(back.features.at(0).attributes.at("mixed"), Attribute(std::string("1")));
  EXPECT_EQ(back.features.at(0).attributes.at("unlisted"), Attribute(2.5));
  EXPECT_EQ(back.features.at(1).attributes.at("unlisted"), Attribute());
}

TEST_F(VectorFileTest, layers_without_crs_or_features_are_written_too) {
  VectorLayer layer = trees(0);
  layer.crs = "";
  write_vector(folder_ / "t.gpkg", {layer});
  const VectorLayer back = read_vector(folder_ / "t.gpkg");
  EXPECT_EQ(back.crs, "");
  EXPECT_THAT(back.features, IsEmpty());
}

TEST_F(VectorFileTest, gpx_holds_waypoints_and_a_route) {
  const auto point = [](double lng, double lat) {
    return Feature{GeometryKind::Point, {{lng, lat}}, {}, {}};
  };
  VectorLayer places{"waypoints", "EPSG:4326", GeometryKind::Point, {"name", "desc"}, {}};
  places.features = {point(18.5, -33.25), point(18.75, -33.5)};
  places.features[0].attributes = {{"name", std::string("R1 T2")}, {"desc", std::string("a & b")}};
  VectorLayer route{"route_points", "EPSG:4326", GeometryKind::Point, {"route_fid", "name"}, {}};
  route.features = {point(18.5, -33.25)};
  route.features[0].attributes = {{"route_fid", std::int64_t{0}}, {"name", std::string("1")}};
  write_vector(folder_ / "p.gpx", {places, route});
  const std::string text = read_file(folder_ / "p.gpx");
  EXPECT_THAT(text, HasSubstr("<gpx version=\"1.1\""));
  EXPECT_THAT(text, HasSubstr("<wpt lat=\"-33.25\" lon=\"18.5\">"));
  EXPECT_THAT(text, HasSubstr("<desc>a &amp; b</desc>"));
  EXPECT_THAT(text, HasSubstr("<rtept lat=\"-33.25\" lon=\"18.5\">"));
  places.crs = "EPSG:32734";
  EXPECT_THAT(error_of([&] { write_vector(folder_ / "q.gpx", {places}); }),
              HasSubstr("is not in EPSG:4326"));
}

TEST_F(VectorFileTest, csv_holds_the_attributes_in_the_order_of_the_columns) {
  VectorLayer layer{"t", "EPSG:4326", GeometryKind::Point, {"b", "a", "c"}, {}};
  layer.features = {{GeometryKind::Point,
                     {{1, 2}},
                     {},
                     {{"a", std::int64_t{1}}, {"b", std::string("x, y")}, {"c", 0.5}}},
                    {GeometryKind::Point, {{1, 2}}, {}, {{"a", std::int64_t{2}}}}};
  write_vector(folder_ / "t.csv", {layer});
  EXPECT_EQ(read_file(folder_ / "t.csv"), "b,a,c\r\n\"x, y\",1,0.5\r\n,2,\r\n");
}

TEST_F(VectorFileTest, bad_files_give_one_clear_line) {
  std::ofstream(folder_ / "t.gpkg") << "not a database";
  EXPECT_EQ(
      error_of([&] {
        read_vector(folder_ / "t.gpkg");
      }).find("User: " + (folder_ / "t.gpkg").string() + ": is not a vector file that can be read"),
      0u);
  std::ofstream(folder_ / "t.geojson") << R"({"type": "FeatureCollection", "features": [{"type": )";
  EXPECT_THAT(error_of([&] { read_vector(folder_ / "t.geojson"); }), testing::StartsWith("User: "));
  EXPECT_THAT(error_of([&] { read_vector(folder_ / "none.gpkg"); }),
              testing::StartsWith("NotFound: "));
  write_vector(folder_ / "good.gpkg", {trees(), gaps()});
  EXPECT_THAT(error_of([&] { read_vector(folder_ / "good.gpkg", "tree"); }),
              HasSubstr("has no layer 'tree'; did you mean 'trees'? (its layers: trees, missing)"));
  EXPECT_THAT(error_of([&] { write_vector(folder_ / "t.kml", {trees()}); }),
              HasSubstr("name it .gpkg, .geojson"));
  EXPECT_THAT(
      error_of([&] { write_vector(folder_ / "u.gpkg", {{.name = "t", .crs = "EPSG:999999"}}); }),
      HasSubstr("is not a known CRS"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "u.gpkg"));
}

TEST_F(VectorFileTest, a_full_disk_leaves_nothing) {
  const auto disk = folder_ / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=300k") != 0)
    GTEST_SKIP() << "mounting needs root";
  for (const char* name : {"t.gpkg", "t.geojson", "t.shp"}) {
    EXPECT_THAT(error_of([&] { write_vector(disk / name, {trees(5000)}); }),
                testing::StartsWith("Environment: "))
        << name;
    EXPECT_TRUE(std::filesystem::is_empty(disk)) << name;
  }
  ::umount(disk.c_str());
}

}  // namespace
}  // namespace canopy
