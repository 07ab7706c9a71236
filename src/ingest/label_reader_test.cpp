// SPDX-License-Identifier: Apache-2.0
#include "ingest/label_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geo/crs.h"
#include "geo/vector_file.h"
#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LabelReader : public IngestFolderTest {
 protected:
  PictureFrame farm_ = {
      "farm.tif", 300, 200, "EPSG:32734", {{500'000, 0.1, 0, 6'200'000, 0, -0.1}}};

  /// Of a file with this text.
  LabelSet read(const std::string& name,
                const std::string& text,
                const LabelOptions& options = {}) const {
    return read_labels(write(name, text), farm_, options);
  }
  std::string refused(const std::string& name, const std::string& text) const {
    return error_of([&] { read(name, text); });
  }
  /// Polygons of pixels, in the world.
  std::vector<Feature> features(const std::vector<Polygon>& polygons_px) const {
    std::vector<Feature> features;
    for (Polygon polygon : polygons_px) {
      for (Ring& ring : polygon.rings)
        for (Point& p : ring) p = farm_.world_from_pixel.world_from_pixel(p.x, p.y);
      Feature feature;
      feature.polygon = polygon;
      features.push_back(feature);
    }
    return features;
  }
};

void expect_box(
    const Label& label, double xmin, double ymin, double xmax, double ymax, double slack = 1e-3) {
  EXPECT_NEAR(label.box.xmin, xmin, slack);
  EXPECT_NEAR(label.box.ymin, ymin, slack);
  EXPECT_NEAR(label.box.xmax, xmax, slack);
  EXPECT_NEAR(label.box.ymax, ymax, slack);
}

TEST_F(LabelReader, geopackage_and_shapefile_polygons_arrive_in_pixels_with_their_class) {
  VectorLayer layer;
  layer.name = "trees";
  layer.crs = farm_.crs;
  layer.columns = {"status"};
  layer.features = features({rectangle(10, 20, 30, 50), disc({100, 100}, 10)});
  layer.features[1].attributes["status"] = std::string("dead");
  layer.features[0].attributes["status"] = std::string("alive");
  for (const char* name : {"a.gpkg", "a.shp"}) {
    write_vector(folder_ / name, {layer});
    const LabelSet set = read_labels(folder_ / name, farm_);
    ASSERT_EQ(set.labels.size(), 2U) << name;
    EXPECT_EQ(set.kind, LabelKind::Mask);
    expect_box(set.labels[0], 10, 20, 30, 50);
    EXPECT_EQ(set.labels[0].label, ObjectClass::Tree);
    EXPECT_EQ(set.labels[1].label, ObjectClass::DeadTree);
    EXPECT_EQ(set.skipped.count, 0);
    EXPECT_EQ(set.sha256.size(), 64U);
  }
}

TEST_F(LabelReader, labels_in_another_crs_are_reprojected) {
  VectorLayer layer;
  layer.name = "trees";
  layer.crs = farm_.crs;
  layer.features = features({rectangle(10, 20, 30, 50)});
  write_vector(folder_ / "a.geojson", {layer});  // RFC 7946: in degrees
  // Seven decimals of a degree are a centimetre: a tenth of a pixel.
  const LabelSet set = read_labels(folder_ / "a.geojson", farm_);
  ASSERT_EQ(set.labels.size(), 1U);
  expect_box(set.labels[0], 10, 20, 30, 50, 0.2);
  EXPECT_EQ(set.format, "GeoJSON");
}

TEST_F(LabelReader, labels_on_the_ground_need_a_picture_on_the_ground) {
  VectorLayer layer;
  layer.name = "trees";
  layer.crs = farm_.crs;
  layer.features = features({rectangle(10, 20, 30, 50)});
  write_vector(folder_ / "a.gpkg", {layer});
  farm_.crs.clear();
  EXPECT_THAT(error_of([&] { read_labels(folder_ / "a.gpkg", farm_); }),
              HasSubstr("farm.tif has no CRS; give labels in pixels"));
}

TEST_F(LabelReader, points_and_a_chosen_attribute_are_read) {
  VectorLayer layer;
  layer.name = "trees";
  layer.crs = farm_.crs;
  layer.kind = GeometryKind::Point;
  layer.columns = {"kind", "dead"};
  for (int i = 0; i < 2; ++i) {
    Feature feature;
    feature.kind = GeometryKind::Point;
    feature.points = {farm_.world_from_pixel.world_from_pixel(10 + i, 20)};
    feature.attributes["kind"] = std::string(i ? "snag" : "tree");
    feature.attributes["dead"] = std::int64_t{1 - i};
    layer.features.push_back(feature);
  }
  write_vector(folder_ / "a.gpkg", {layer});
  LabelSet set = read_labels(folder_ / "a.gpkg", farm_);
  EXPECT_EQ(set.kind, LabelKind::Point);
  EXPECT_EQ(set.labels[0].label, ObjectClass::DeadTree);
  EXPECT_EQ(set.labels[1].label, ObjectClass::Tree);
  LabelOptions options;
  options.class_attribute = "Kind";
  set = read_labels(folder_ / "a.gpkg", farm_, options);
  EXPECT_EQ(set.labels[0].label, ObjectClass::Tree);
  EXPECT_EQ(set.labels[1].label, ObjectClass::DeadTree);
  options.class_attribute = "kid";
  EXPECT_THAT(error_of([&] { read_labels(folder_ / "a.gpkg", farm_, options); }),
              HasSubstr("no attribute 'kid'; did you mean 'kind'?"));
}

const char* const kCoco = R"({
  "images": [{"id": 7, "file_name": "other.tif", "width": 9, "height": 9},
             {"id": 1, "file_name": "farm.tif", "width": 300, "height": 200, "split": "val"}],
  "categories": [{"id": 1, "name": "tree"}, {"id": 2, "name": "dead tree"}],
  "annotations": [
    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 20, 30],
     "segmentation": [[10, 20, 30, 20, 30, 50, 10, 50], [40, 20, 44, 20, 44, 24]]},
    {"id": 2, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2], "segmentation": []},
    {"id": 3, "image_id": 1, "category_id": 2, "iscrowd": 1,
     "segmentation": {"size": [200, 300], "counts": [2010, 5, 195, 5, 57785]}}],
  "ignore_regions": [{"image_id": 1, "polygon": [0, 0, 5, 0, 5, 5]}, {"image_id": 7, "polygon": [0, 0, 5, 0, 5, 5]}]})";

TEST_F(LabelReader, coco_polygons_run_lengths_and_ignore_regions_of_one_picture_are_read) {
  const LabelSet set = read("coco.json", kCoco);
  EXPECT_EQ(set.format, "COCO");
  EXPECT_EQ(set.split, "val");
  EXPECT_EQ(set.kind, LabelKind::Mask);
  EXPECT_EQ(set.read, 2);
  ASSERT_EQ(set.labels.size(), 3U);
  EXPECT_EQ(set.labels[0].parts.size(), 2U);
  expect_box(set.labels[0], 10, 20, 44, 50);
  expect_box(set.labels[1], 10, 10, 12, 15);
  EXPECT_EQ(set.labels[1].label, ObjectClass::DeadTree);
  EXPECT_TRUE(set.labels[1].is_crowd);
  EXPECT_TRUE(set.labels[2].is_ignore);
  EXPECT_THAT(set.skipped.first, IsEmpty());
}

TEST_F(LabelReader, coco_without_outlines_gives_boxes_and_names_what_is_wrong) {
  const LabelSet set =
      read("coco.json", R"({"images": [{"id": "a", "file_name": "farm.png"}], "categories": [],
    "annotations": [{"id": 1, "image_id": "a", "bbox": [1, 2, 3, 4], "segmentation": []},
                    {"id": 2, "image_id": "a", "bbox": [1, 2]}, {"id": 3, "image_id": "a"},
                    {"id": 4, "image_id": "a", "bbox": "x"},
                    {"id": 5, "image_id": "a", "segmentation": [[1, 2, 3]]}]})");
  EXPECT_EQ(set.kind, LabelKind::Box);
  ASSERT_EQ(set.labels.size(), 1U);
  expect_box(set.labels[0], 1, 2, 4, 6);
  EXPECT_THAT(set.skipped.first,
              ElementsAre(HasSubstr("annotation 2: its box must be four numbers"),
                          HasSubstr("annotation 3: has neither an outline nor a box"),
                          HasSubstr("annotation 4: does not have the fields"),
                          HasSubstr("annotation 5: its outline must be")));
}

TEST_F(LabelReader, deepforest_boxes_and_csv_points_of_one_picture_are_read) {
  LabelSet set = read("a.csv",
                      "image_path,xmin,ymin,xmax,ymax,label\r\n"
                      "farm.tif,10,20,30,50,Tree\r\n\"x/farm.tif\", "
                      "40,20,50.5,50,\"Dead\"\nother.tif,1,1,2,2,Tree\n"
                      "farm.tif,ten,20,30,50,Tree\nfarm.tif,30,20,10,50,Tree\n");
  EXPECT_EQ(set.kind, LabelKind::Box);
  ASSERT_EQ(set.labels.size(), 2U);
  expect_box(set.labels[1], 40, 20, 50.5, 50);
  EXPECT_EQ(set.labels[1].label, ObjectClass::DeadTree);
  EXPECT_THAT(set.skipped.first,
              ElementsAre("line 5: holds 'ten' where a number is expected",
                          HasSubstr("line 6: its right or lower edge lies before")));
  set = read("p.csv", "image,x,y\nfarm.tif,251,146\nfarm.tif,3,4\n");
  EXPECT_EQ(set.kind, LabelKind::Point);
  ASSERT_EQ(set.labels.size(), 2U);
  expect_box(set.labels[0], 251, 146, 251, 146);
}

TEST_F(LabelReader, voc_boxes_are_read) {
  const LabelSet set =
      read("a.xml", R"(<?xml version="1.0"?><annotation><filename>renamed.tif</filename>
    <size><width>300</width><height>200</height><depth>3</depth></size>
    <object><name>Tree</name><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>30</xmax><ymax>50</ymax></bndbox></object>
    <object><name>Tree</name></object>
    <object><name>Tree</name><bndbox><xmin>10</xmin></bndbox></object></annotation>)");
  EXPECT_EQ(set.format, "VOC");
  ASSERT_EQ(set.labels.size(), 1U);
  expect_box(set.labels[0], 10, 20, 30, 50);
  EXPECT_THAT(
      set.skipped.first,
      ElementsAre("object 2: has no bndbox", "object 3: has coordinates that are no numbers"));
}

TEST_F(LabelReader, bad_labels_are_named_and_skipped) {
  const LabelSet set = read("coco.json", R"({"images": [{"id": 1, "file_name": "farm.tif"}],
    "categories": [{"id": 1, "name": "tree"}, {"id": 9, "name": "building"}],
    "annotations": [
      {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[10, 20, 30, 20, 30, 50, 10, 50]]},
      {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[10, 20, 30, 50, 30, 20, 10, 50]]},
      {"id": 3, "image_id": 1, "category_id": 1, "segmentation": [[310, 20, 330, 50, 330, 20]]},
      {"id": 4, "image_id": 1, "category_id": 1, "segmentation": [[10, 20, 20, 30, 30, 40]]},
      {"id": 5, "image_id": 1, "category_id": 9, "segmentation": [[10, 20, 30, 20, 30, 50, 10, 50]]},
      {"id": 6, "image_id": 1, "category_id": 1, "segmentation": [[10, 20, 10, 20, 10, 20]]},
      {"id": 7, "image_id": 1, "category_id": 1, "segmentation": [[110, 20, 210, 20, 210, 60, 109, 60, 110, 61]]}]})");
  EXPECT_THAT(
      set.skipped.first,
      ElementsAre(
          HasSubstr("annotation 2: crosses itself"),
          "annotation 3: lies outside of farm.tif",
          "annotation 4: has no area",
          "annotation 5: class 'building' is unknown; if it is a tree, pass tree-names=building",
          "annotation 6: has no area"));
  EXPECT_EQ(set.repaired, 1);
  ASSERT_EQ(set.labels.size(), 3U);
  EXPECT_TRUE(set.labels[1].is_ignore) << "nobody learns that there is no tree";
}

TEST_F(LabelReader, the_kind_of_the_most_labels_counts_and_the_rest_is_ignored_where_it_lies) {
  const LabelSet set =
      read("coco.json", R"({"images": [{"id": 1, "file_name": "farm.tif"}], "annotations": [
      {"id": 1, "image_id": 1, "segmentation": [[10, 20, 30, 20, 30, 50, 10, 50]]},
      {"id": 2, "image_id": 1, "segmentation": [[60, 20, 80, 20, 80, 50, 60, 50]]},
      {"id": 3, "image_id": 1, "bbox": [100, 100, 20, 20]}]})");
  EXPECT_EQ(set.kind, LabelKind::Mask);
  EXPECT_TRUE(set.labels[2].is_ignore);
  EXPECT_THAT(set.skipped.first,
              ElementsAre("annotation 3: is a box among outlines; an ignore region now"));
}

TEST_F(LabelReader, files_that_cannot_be_used_are_one_clear_line) {
  EXPECT_THAT(error_of([&] { read_labels(folder_ / "no.gpkg", farm_); }), HasSubstr("NotFound: "));
  EXPECT_THAT(refused("a.txt", "x"), HasSubstr("'.txt' is no format of labels; use .gpkg"));
  EXPECT_THAT(
      refused("labels.geojson", R"({"type": "FeatureCollection", "features": []})"),
      HasSubstr("labels.geojson: holds no labels; give a file that does, or pass --unlabelled"));
  EXPECT_THAT(refused("a.csv", ""), HasSubstr("holds no labels"));
  EXPECT_THAT(refused("a.csv", "a,b\n1,2\n"), HasSubstr("its first line must name the columns"));
  EXPECT_THAT(refused("a.csv", "image,x,y\nb.tif,1,2\nc.tif,1,2\n"),
              HasSubstr("does not know the picture farm.tif; it is about b.tif, c.tif"));
  EXPECT_THAT(refused("a.json", "{\"images\": ["), HasSubstr("a.json: is not JSON"));
  EXPECT_THAT(refused("a.json", "{\"images\": [{}]}"),
              HasSubstr("does not have the fields and types of COCO"));
  EXPECT_THAT(
      refused("a.json",
              R"({"images": [{"id": 1, "file_name": "farm.tif", "width": 3, "height": 4}]})"),
      HasSubstr("is for a picture of 3 x 4 px, but farm.tif has 300 x 200"));
  EXPECT_THAT(refused("a.xml", "<annotation><size>"), HasSubstr("a.xml: is not XML"));
  EXPECT_THAT(refused("a.xml", "<html></html>"), HasSubstr("is not Pascal VOC"));
  EXPECT_THAT(
      refused("a.csv", "image,x,y\nfarm.tif,1000,2\n"),
      HasSubstr("none of its 1 labels can be used on farm.tif; the first: line 2: lies outside"));
}

}  // namespace
}  // namespace canopy
