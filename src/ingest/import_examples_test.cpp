// SPDX-License-Identifier: Apache-2.0
#include "ingest/import_examples.h"

#include <gmock/gmock.h>

#include "base/hash.h"
#include "base/tf_record.h"
#include "geo/picture.h"
#include "ingest/catalog_rebuild.h"
#include "ingest/dataset_export.h"
#include "ingest/foreign_example.h"
#include "ingest/stored_fixture.h"
#include "store/gzip.h"
#include "store/tf_example.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string as_text(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

class ImportTest : public StoredTest {
 protected:
  /// A picture of 16 x 8 pixels: `shade` with a white square from (x, 2) to (x + 4, 6).
  std::vector<std::uint8_t> png(std::uint8_t shade, int x) const {
    Picture picture(16, 8, {shade, shade, shade});
    for (int dy = 2; dy < 6; ++dy)
      for (int dx = 0; dx < 4; ++dx) picture.set(x + dx, dy, {255, 255, 255});
    write_png(folder_ / "drawn.png", picture);
    const std::string bytes = read_file(folder_ / "drawn.png");
    return {bytes.begin(), bytes.end()};
  }
  /// As the Object Detection API has it: trees at x = 1 and 9 of a picture of `shade`.
  std::string foreign(std::uint8_t shade,
                      const std::string& second = "tree",
                      bool masks = false) const {
    const auto picture = png(shade, 1), first_mask = png(0, 1), second_mask = png(0, 9);
    TfExampleWriter writer;
    writer.bytes("image/encoded", {picture});
    writer.texts("image/filename", {"plot.png"});
    writer.ints("image/height", {8});
    writer.floats("image/object/bbox/xmin", {1 / 16.0F, 9 / 16.0F});
    writer.floats("image/object/bbox/xmax", {5 / 16.0F, 13 / 16.0F});
    writer.floats("image/object/bbox/ymin", {2 / 8.0F, 2 / 8.0F});
    writer.floats("image/object/bbox/ymax", {6 / 8.0F, 6 / 8.0F});
    writer.texts("image/object/class/text", {"tree", second});
    if (masks) writer.bytes("image/object/mask", {first_mask, second_mask});
    return as_text(writer.write());
  }
  ImportReport import(const std::vector<fs::path>& files, ImportOptions options = {.gsd = 0.1}) {
    return import_examples(files, options, *store_, [&](const std::string& id, auto rows) {
      return catalog_->commit_part(id, rows);
    });
  }
  std::string error_of(const std::vector<fs::path>& files, ImportOptions options = {.gsd = 0.1}) {
    try {
      import(files, std::move(options));
    } catch (const Error& error) {
      return std::string(name_of(error.fault())) + ": " + error.what();
    }
    return "no error";
  }
};

TEST_F(ImportTest, takes_single_files_and_records_plain_and_compressed) {
  const std::string a = foreign(10), b = foreign(20), c = foreign(30), d = foreign(40);
  const std::vector<std::uint8_t> bytes(b.begin(), b.end());
  const std::string records = tf_record(c) + tf_record(d) + tf_record(a);
  const std::vector<std::uint8_t> record_bytes(records.begin(), records.end());
  const ImportReport report = import({write("a.example", a),
                                      write("b.example.gz", as_text(gzip(bytes))),
                                      write("c.tfrecord", tf_record(c)),
                                      write("d.tfrecord.gz", as_text(gzip(record_bytes)))});
  EXPECT_EQ(report.files, 4);
  EXPECT_EQ(report.tiles_written, 4);
  EXPECT_EQ(report.tiles_twice, 2);
  EXPECT_THAT(report.skipped.first, IsEmpty());
  const std::vector<TileRow> rows = catalog_->read_rows();
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].tree_count, 2);
  EXPECT_EQ(rows[0].label_kind, "box");
  EXPECT_EQ(rows[0].bands, "red,green,blue");
  EXPECT_NEAR(rows[0].gsd_m, 0.1, 1e-6);
  EXPECT_EQ(catalog_->query("SELECT count(DISTINCT source_sha256) FROM tiles").rows[0][0],
            Cell(std::int64_t{4}));
}

TEST_F(ImportTest, again_changes_nothing_and_a_rebuild_gives_the_same_rows) {
  const fs::path file = write("a.tfrecord", tf_record(foreign(10)) + tf_record(foreign(20)));
  import({file});
  const std::string before = all_rows();
  EXPECT_TRUE(import({file}).was_done);
  EXPECT_EQ(all_rows(), before);
  fs::remove_all(folder_ / "catalog/tiles");
  fs::create_directories(folder_ / "catalog/tiles");
  EXPECT_EQ(rebuild_catalog(*store_, *catalog_).problems.count, 0);
  EXPECT_EQ(all_rows(), before);
}

TEST_F(ImportTest, names_each_file_and_record_that_it_skips) {
  const std::string good = foreign(10);
  TfExampleWriter empty;
  empty.ints("image/height", {8});
  const ImportReport report =
      import({write("good.example", good),
              write("empty.tfrecord", tf_record(as_text(empty.write())) + tf_record(foreign(20))),
              write("text.example", "no example at all"),
              write("cut.tfrecord", tf_record(foreign(30)) + tf_record(good).substr(0, 40))});
  EXPECT_EQ(report.tiles_written, 3);
  EXPECT_THAT(report.skipped.first,
              ElementsAre(HasSubstr("empty.tfrecord, record 0: "),
                          HasSubstr("text.example: "),
                          HasSubstr("cut.tfrecord: its last record is cut off")));
}

TEST_F(ImportTest, of_an_unknown_class_the_place_is_left_out_of_learning_and_named) {
  const ImportReport report = import({write("a.example", foreign(10, "barn"))});
  EXPECT_THAT(report.labels_skipped.first, ElementsAre(HasSubstr("object 2: class 'barn'")));
  const Example e = decode(store_->get(catalog_->read_rows()[0].uri));
  EXPECT_EQ(e.objects.size(), 1u);
  EXPECT_EQ(std::count(e.ignore.begin(), e.ignore.end(), true), 16);
  EXPECT_THAT(import({write("b.example", foreign(20, "oak"))}, {.tree_names = {"oak"}, .gsd = 0.1})
                  .labels_skipped.first,
              IsEmpty());
}

TEST_F(ImportTest, masks_become_one_map_of_ids) {
  std::string bytes = foreign(10, "dead tree", true);
  const Example e =
      read_foreign_example({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                           {.bands = {}, .tree_names = {}, .gsd_m = 0.1})
          .example;
  EXPECT_EQ(e.kind, LabelKind::Mask);
  ASSERT_EQ(e.objects.size(), 2u);
  EXPECT_EQ(e.objects[1].label, ObjectClass::DeadTree);
  EXPECT_EQ(e.objects[1].xmin, 9);
  EXPECT_EQ(e.id_map[2 * 16 + 1], 1);
  EXPECT_EQ(e.id_map[5 * 16 + 12], 2);
  EXPECT_EQ(e.id_map[0], 0);
}

TEST_F(ImportTest, an_example_of_ours_keeps_its_place) {
  Example e = tile(1, 1, 1);
  e.crs = "EPSG:32734";
  e.transform = {300000, 0.5, 0, 6200000, 0, -0.5};
  e.gsd_m = 0.5;
  import({write("ours.example", as_text(serialize(e).bytes))}, {});
  const TileRow row = catalog_->read_rows().at(0);
  EXPECT_EQ(row.tile_id, serialize(e).tile_id);
  EXPECT_EQ(row.x_max, 300004);
  EXPECT_EQ(row.y_min, 6199996);
  EXPECT_NEAR(row.lat, -34.3, 0.2);
  EXPECT_NEAR(row.lon, 18.8, 0.2);
}

TEST_F(ImportTest, keys_of_other_names_are_told_and_wrong_options_refused) {
  const auto picture = png(10, 1);
  TfExampleWriter writer;
  writer.bytes("picture", {picture});
  const fs::path file = write("a.example", as_text(writer.write()));
  EXPECT_THAT(error_of({file}), HasSubstr("image/encoded"));
  EXPECT_THAT(error_of({file}, {.keys = {"image/encoded=picture"}}),
              testing::AllOf(HasSubstr(file.string() + ": picture: "),
                             HasSubstr("gsd"),
                             testing::Not(HasSubstr(".tmp."))));
  EXPECT_THAT(error_of({file}, {.keys = {"image/encded=picture"}, .gsd = 0.1}),
              HasSubstr("User: keys: 'image/encded' is no key that is read; did you mean "
                        "'image/encoded'?"));
  EXPECT_EQ(import({file}, {.keys = {"image/encoded=picture"}, .gsd = 0.1}).tiles_written, 1);
  EXPECT_THAT(error_of({file}, {.keys = {"picture"}}), HasSubstr("keys: 'picture'"));
  EXPECT_THAT(error_of({folder_ / "none"}), HasSubstr("NotFound: "));
  EXPECT_THAT(error_of({}), HasSubstr("no file is named"));
}

TEST_F(ImportTest, a_file_is_named_from_the_workspace_and_moved_it_is_the_same_import) {
  const fs::path file = write("a.example", foreign(10));
  const ImportReport first = import({file}, {.gsd = 0.1, .home = folder_});
  EXPECT_EQ(catalog_->read_rows()[0].source_uri, "a.example");
  fs::create_directory(folder_ / "further");
  fs::copy(file, folder_ / "further/a.example");
  const ImportReport again = import({folder_ / "further/a.example"}, {.gsd = 0.1, .home = folder_});
  EXPECT_TRUE(again.was_done);
  EXPECT_EQ(again.ingest_id, first.ingest_id);
}

/// Exports, in each of the forms, of a dataset of two tiles with boxes.
class ExportTest : public ImportTest {
 protected:
  void SetUp() override {
    ImportTest::SetUp();
    import({write("a.tfrecord",
                  tf_record(foreign(10, "tree", true)) + tf_record(foreign(20, "tree", true)))});
    set_ = create_snapshot(*catalog_, {.name = "set", .split = "train=100"}, folder_ / "datasets")
               .snapshot;
  }
  ExportReport exported(const std::string& as) {
    return export_dataset(set_, *store_, folder_ / as, {.as = as});
  }
  Snapshot set_;
};

TEST_F(ExportTest, as_records_is_the_same_tiles_again) {
  EXPECT_EQ(exported("tfrecord").tiles, 2);
  std::vector<std::string> ids;
  const std::string bytes = read_file(folder_ / "tfrecord/train-00000.tfrecord");
  EXPECT_TRUE(for_each_record(
      bytes, "it", [&](std::string_view message) { ids.push_back(sha256_hex(message)); }));
  const std::vector<TileRow> rows = catalog_->read_rows();
  EXPECT_THAT(ids, ElementsAre(rows[0].tile_id, rows[1].tile_id));
  const ImportReport again = import({folder_ / "tfrecord/train-00000.tfrecord"});
  EXPECT_EQ(again.tiles_kept, 2);
  EXPECT_EQ(again.tiles_written, 0);
}

TEST_F(ExportTest, as_coco_has_pictures_boxes_and_run_lengths) {
  EXPECT_EQ(exported("coco").objects, 4);
  const auto coco = nlohmann::json::parse(read_file(folder_ / "coco/train.json"));
  EXPECT_THAT(coco.at("images"), SizeIs(2));
  EXPECT_TRUE(fs::exists(folder_ / "coco" / coco["images"][0]["file_name"].get<std::string>()));
  const auto& first = coco.at("annotations").at(0);
  EXPECT_EQ(first["bbox"], nlohmann::json::array({1.0, 2.0, 4.0, 4.0}));
  EXPECT_EQ(first["area"], 16);
  EXPECT_EQ(first["segmentation"]["counts"], nlohmann::json::array({10, 4, 4, 4, 4, 4, 4, 4, 90}));
  EXPECT_EQ(coco.at("annotations").at(3)["image_id"], 2);
}

TEST_F(ExportTest, as_folders_has_pictures_masks_and_boxes) {
  exported("folders");
  const std::string boxes = read_file(folder_ / "folders/train/boxes.csv");
  EXPECT_THAT(boxes, HasSubstr("image_path,xmin,ymin,xmax,ymax,label\nimages/"));
  EXPECT_THAT(boxes, HasSubstr(",9,2,13,6,tree\n"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "folders/train/masks"), {}), 2);
}

TEST_F(ExportTest, names_what_it_skips_and_overwrites_nothing) {
  flip_bit(blob(catalog_->read_rows()[0].uri));
  const ExportReport report = exported("tfrecord");
  EXPECT_EQ(report.tiles, 1);
  EXPECT_THAT(report.skipped.first, SizeIs(1));
  EXPECT_THROW(exported("tfrecord"), Error);
  EXPECT_THROW(exported("voc"), Error);
  EXPECT_THROW(export_dataset(set_, *store_, folder_ / "x", {.shard_mb = 0}), Error);
  EXPECT_THROW(export_dataset(set_, *store_, folder_ / "x", {.threads = -1}), Error);
}

}  // namespace
}  // namespace canopy
