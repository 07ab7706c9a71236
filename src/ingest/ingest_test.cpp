// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/interrupt.h"
#include "catalog/catalog.h"
#include "geo/vector_file.h"
#include "ingest/ingest_fixture.h"
#include "ingest/manifest.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class IngestTest : public IngestFolderTest {
 protected:
  void SetUp() override {
    IngestFolderTest::SetUp();
    store_ = open_blob_store((folder_ / "examples").string());
    options_.tile_size = 128;
    options_.overlap = 16;
    options_.threads = 2;
    options_.labels = (folder_ / "trees.gpkg").string();
  }
  void TearDown() override {
    set_interrupted(0);
    IngestFolderTest::TearDown();
  }

  /// farm.tif and trees.gpkg of it; the last crown is dead.
  void plant(const DrawnOrchard& orchard = {}) {
    orchard.write(folder_ / "farm.tif");
    VectorLayer layer;
    layer.name = "trees";
    layer.crs = orchard.crs;
    layer.columns = {"class"};
    for (const Polygon& crown : orchard.crowns()) {
      Feature feature;
      feature.polygon = crown;
      feature.attributes["class"] = std::string("tree");
      layer.features.push_back(feature);
    }
    layer.features.back().attributes["class"] = std::string("Dead");
    write_vector(folder_ / "trees.gpkg", {layer});
  }

  IngestReport run(Progress& progress = no_progress()) {
    return ingest(
        folder_ / "farm.tif",
        options_,
        *store_,
        [&](const std::string& id, std::span<const TileRow> rows) {
          const bool is_new = rows_.empty();
          ingest_of_rows_ = id;
          rows_.assign(rows.begin(), rows.end());
          return is_new;
        },
        progress);
  }
  std::string refused() {
    return error_of([&] { run(); });
  }
  /// Every file of the store with its bytes, manifests' apart.
  std::map<std::string, std::vector<std::uint8_t>> stored() const {
    std::map<std::string, std::vector<std::uint8_t>> files;
    store_->list("", [&](const std::string& name, std::int64_t) {
      if (name.rfind("ingests/", 0) != 0) files[name] = store_->get(name);
    });
    return files;
  }

  std::unique_ptr<BlobStore> store_;
  IngestOptions options_;
  std::vector<TileRow> rows_;
  std::string ingest_of_rows_;
};

/// Asks for a stop after some tiles.
class StopAfter : public Progress {
 public:
  explicit StopAfter(std::int64_t tiles) : tiles_(tiles) {}
  void begin(const std::string&, std::int64_t, const std::string&) override {}
  void update(std::int64_t done, const std::string&) override {
    if (done >= tiles_) set_interrupted(2);
  }
  void end(const std::string&) override {}

 private:
  std::int64_t tiles_;
};

TEST_F(IngestTest, every_crown_of_the_orchard_is_whole_in_some_tile) {
  plant();
  const IngestReport report = run();
  EXPECT_EQ(report.tiles, 3 * 2);
  EXPECT_EQ(report.tiles_written, 6);
  EXPECT_EQ(report.labels_read, 40);
  EXPECT_EQ(report.labels_used, 40);
  EXPECT_FALSE(report.has_skipped()) << testing::PrintToString(report.labels_skipped.first);
  ASSERT_EQ(rows_.size(), 6U);
  EXPECT_EQ(ingest_of_rows_, report.ingest_id);
  std::set<std::pair<int, int>> whole;
  std::int64_t dead = 0;
  for (const TileRow& row : rows_) {
    const Example e = decode(store_->get(row.uri));
    EXPECT_EQ(e.bands, (std::vector<std::string>{"blue", "green", "red", "red_edge", "nir"}));
    EXPECT_EQ(e.types[0], SampleType::UInt16);
    EXPECT_EQ(e.crs, "EPSG:32734");
    EXPECT_FLOAT_EQ(e.scale.at(4), 1e-4F);
    EXPECT_EQ(e.kind, LabelKind::Mask);
    dead += row.dead_count;
    // The id map lies on the crowns: nir is high inside and low outside.
    const auto* nir = reinterpret_cast<const std::uint16_t*>(e.planes[4].data());
    int wrong = 0;
    for (std::size_t i = 0; i < e.id_map.size(); ++i)
      wrong += e.valid.empty() &&
               (nir[i] > 3700) != (e.id_map[i] > 0 || (!e.ignore.empty() && e.ignore[i]));
    EXPECT_LT(wrong, 0.01 * 128 * 128);
    for (const LabelledObject& o : e.objects)
      if (o.xmin > 0 && o.ymin > 0 && o.xmax < 128 && o.ymax < 128)
        whole.emplace(static_cast<int>(row.window_x + static_cast<int>(o.xmin + o.xmax) / 2) / 40,
                      static_cast<int>(row.window_y + static_cast<int>(o.ymin + o.ymax) / 2) / 40);
  }
  EXPECT_GE(whole.size(), 38U) << "but those that the overlap of 16 px is too narrow for";
  EXPECT_GE(dead, 1);
}

TEST_F(IngestTest, rows_say_all_that_is_known_of_a_tile) {
  plant();
  options_.farm = "Kloof";
  options_.crop = "citrus";
  options_.captured_on = "2024-03-01";
  options_.split = "test";
  options_.meta = {"block=A3"};
  const IngestReport report = run();
  for (const TileRow& row : rows_) {
    EXPECT_EQ(row.uri, example_path(row.tile_id));
    EXPECT_EQ(row.bytes, store_->size(row.uri));
    EXPECT_EQ(row.source_sha256.size(), 64U);
    EXPECT_EQ(row.labels_sha256.size(), 64U);
    EXPECT_EQ(row.ingest_id, report.ingest_id);
    EXPECT_EQ(row.farm, "Kloof");
    EXPECT_EQ(row.meta, (nlohmann::json{{"block", "A3"}, {"split", "test"}}));
    EXPECT_EQ(row.label_kind, "mask");
    EXPECT_NEAR(row.gsd_m, 0.1, 1e-3);
    EXPECT_NEAR(row.lon, 21, 0.01);
    EXPECT_NEAR(row.lat, -34.3, 0.1);
    EXPECT_NEAR(row.x_min, 500'000 + 0.1 * static_cast<double>(row.window_x), 1e-6);
    EXPECT_NEAR(row.y_max, 6'200'000 - 0.1 * static_cast<double>(row.window_y), 1e-6);
    EXPECT_GT(row.ndvi_mean, 0.1);
    EXPECT_GT(row.sharpness, 0);
    EXPECT_GT(row.gzip_ratio, 1);
    EXPECT_NE(row.phash, 0U);
    EXPECT_GT(row.tree_count, 0);
    EXPECT_NEAR(row.crown_area_m2_median, 3.14159 * 1.2 * 1.2, 0.15);
    EXPECT_NEAR(row.spacing_m_median, 4, 0.2);
    EXPECT_FALSE(row.ingested_at.empty());
  }
}

TEST_F(IngestTest, any_number_of_threads_gives_the_same_files_and_rows) {
  plant();
  options_.threads = 1;
  run();
  const auto first = stored();
  const auto first_rows = rows_;
  store_ = open_blob_store((folder_ / "again").string());
  options_.threads = 4;
  run();
  EXPECT_EQ(stored(), first);
  ASSERT_EQ(rows_.size(), first_rows.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) EXPECT_EQ(rows_[i].tile_id, first_rows[i].tile_id);
}

TEST_F(IngestTest, an_interrupted_ingest_goes_on_where_it_stopped) {
  plant();
  const IngestReport whole = run();
  const auto expected = stored();
  store_ = open_blob_store((folder_ / "again").string());
  rows_.clear();
  options_.threads = 1;
  StopAfter stop(2);
  const IngestReport stopped = run(stop);
  EXPECT_TRUE(stopped.was_interrupted);
  EXPECT_EQ(stopped.tiles_written, 2);
  EXPECT_TRUE(rows_.empty()) << "nothing is committed";
  EXPECT_THAT(stopped.summary(), HasSubstr("stopped after 2 of 6 tiles"));
  EXPECT_LT(store_->size(manifest_path(stopped.ingest_id)), 0);
  set_interrupted(0);
  const IngestReport second = run();
  EXPECT_EQ(second.ingest_id, whole.ingest_id);
  EXPECT_EQ(second.tiles_kept, 2);
  EXPECT_EQ(second.tiles_written, 4);
  EXPECT_EQ(stored(), expected);
}

TEST_F(IngestTest, a_finished_ingest_says_so_and_changes_nothing) {
  plant();
  const IngestReport first = run();
  const auto files = stored();
  const auto rows = rows_;
  fs::rename(folder_ / "trees.gpkg", folder_ / "moved.gpkg");
  options_.labels = (folder_ / "moved.gpkg").string();
  options_.threads = 1;
  const IngestReport second = run();
  EXPECT_TRUE(second.was_done);
  EXPECT_EQ(second.ingest_id, first.ingest_id);
  EXPECT_EQ(second.tiles_written, 0);
  EXPECT_EQ(second.tiles_kept, 6);
  EXPECT_EQ(second.labels_used, 40);
  EXPECT_THAT(second.summary(), HasSubstr("already ingested, 6 tiles"));
  EXPECT_EQ(stored(), files);
  ASSERT_EQ(rows_.size(), rows.size());
  EXPECT_EQ(rows_[0].ingested_at, rows[0].ingested_at);
}

TEST_F(IngestTest, tiles_that_were_lost_after_the_commit_are_made_again) {
  plant();
  run();
  const auto files = stored();
  store_->remove(rows_[3].uri);
  const IngestReport report = run();
  EXPECT_FALSE(report.was_done);
  EXPECT_EQ(report.tiles_written, 1);
  EXPECT_EQ(stored(), files);
}

TEST_F(IngestTest, other_options_or_labels_are_another_ingest) {
  plant();
  std::set<std::string> ids = {run().ingest_id};
  options_.overlap = 8;
  ids.insert(run().ingest_id);
  options_.overlap = 16;
  options_.farm = "Kloof";
  ids.insert(run().ingest_id);
  options_.farm.clear();
  options_.labels.clear();
  options_.unlabelled = true;
  ids.insert(run().ingest_id);
  EXPECT_EQ(ids.size(), 4U);
}

TEST_F(IngestTest, the_same_picture_has_the_same_key_under_any_labels) {
  plant();
  run();
  std::set<std::string> keys, ids;
  for (const TileRow& row : rows_) keys.insert(row.tile_key), ids.insert(row.tile_id);
  options_.labels.clear();
  options_.unlabelled = true;
  run();
  for (const TileRow& row : rows_) {
    EXPECT_EQ(keys.count(row.tile_key), 1U);
    EXPECT_EQ(ids.count(row.tile_id), 0U);
    EXPECT_EQ(row.label_kind, "none");
  }
}

TEST_F(IngestTest, tiles_without_data_are_not_written) {
  DrawnOrchard orchard;
  orchard.nodata_from_column = 120;
  plant(orchard);
  const IngestReport report = run();
  EXPECT_EQ(report.tiles_without_data, 2) << "the last of three columns of tiles begins at 192";
  EXPECT_EQ(report.tiles_written, 4);
  EXPECT_EQ(report.labels_skipped.count, 25) << "trees drawn where there is no picture";
  for (const TileRow& row : rows_) {
    const Example e = decode(store_->get(row.uri));
    for (std::size_t i = 0; i < e.id_map.size(); ++i) EXPECT_TRUE(e.valid[i] || e.id_map[i] == 0);
    EXPECT_LT(row.valid_fraction, 1);
  }
}

TEST_F(IngestTest, a_damaged_tile_is_named_and_the_rest_is_ingested) {
  DrawnOrchard orchard;
  orchard.width = orchard.height = 700;
  plant(orchard);
  options_.tile_size = 256;
  // The last of the picture's blocks lie at the end of the file: their headers are gone.
  const auto bytes = static_cast<std::streamoff>(fs::file_size(folder_ / "farm.tif"));
  std::fstream file(folder_ / "farm.tif", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(bytes * 7 / 10);
  file << std::string(static_cast<std::size_t>(bytes - bytes * 7 / 10), '\xff');
  file.close();
  const IngestReport report = run();
  EXPECT_GE(report.tiles_skipped.count, 1);
  ASSERT_FALSE(report.tiles_skipped.first.empty());
  EXPECT_THAT(report.tiles_skipped.first[0], HasSubstr("tile at ("));
  EXPECT_GE(report.tiles_written, 1);
  EXPECT_TRUE(report.has_skipped());
  const IngestReport again = run();
  EXPECT_TRUE(again.was_done);
  EXPECT_EQ(again.tiles_skipped.first, report.tiles_skipped.first);
}

TEST_F(IngestTest, a_surface_model_beside_the_picture_is_a_band_of_its_own_type) {
  plant();
  RasterSpec spec;
  spec.width = 320;
  spec.height = 200;
  spec.type = RasterType::Float32;
  spec.bands = {"dsm"};
  spec.crs = "EPSG:32734";
  spec.world_from_pixel = DrawnOrchard().world_from_pixel;
  RasterWriter writer(folder_ / "dsm.tif", spec);
  const std::vector<float> heights(320 * 200, 123.5F);
  writer.write({0, 0, 320, 200}, heights.data());
  writer.finish();
  options_.band = {"dsm=" + (folder_ / "dsm.tif").string()};
  run();
  const Example e = decode(store_->get(rows_[0].uri));
  EXPECT_EQ(e.bands.back(), "dsm");
  EXPECT_EQ(e.types.back(), SampleType::Float32);
  EXPECT_EQ(e.types.front(), SampleType::UInt16);
  EXPECT_EQ(rows_[0].dtype, "uint16,float32");
  EXPECT_NEAR(rows_[0].band_mean.at("dsm"), 123.5, 1e-3);
}

TEST_F(IngestTest, a_picture_smaller_than_a_tile_is_one_tile) {
  plant();
  options_.tile_size = 512;
  EXPECT_EQ(run().tiles_written, 1);
  EXPECT_NEAR(rows_[0].valid_fraction, 320.0 * 200 / (512 * 512), 1e-6);
  EXPECT_EQ(rows_[0].tree_count, 39);
}

TEST_F(IngestTest, resolutions_of_one_mosaic_agree_about_every_crown) {
  DrawnOrchard orchard;
  orchard.width = orchard.height = 640;
  orchard.spacing_px = 80;
  orchard.radius_px = 24.3;
  plant(orchard);
  options_.overlap = 60;
  options_.gsd = {0.1, 0.2, 0.34};
  const IngestReport report = run();
  EXPECT_EQ(report.labels_used, 64);
  EXPECT_FALSE(report.has_skipped());
  const double truth_m2 = area_of(orchard.crowns()[0]);
  for (const double gsd_m : options_.gsd) {
    std::map<std::pair<int, int>, double> area_m2;  // of crowns that are whole, by their place
    for (const TileRow& row : rows_) {
      if (std::abs(row.gsd_m - gsd_m) > 0.001) continue;
      const Example e = decode(store_->get(row.uri));
      EXPECT_EQ(e.width, 128);
      EXPECT_NEAR(e.transform[1], gsd_m, 1e-3);
      EXPECT_EQ(e.gsd_m, static_cast<float>(e.transform[1]));
      EXPECT_NEAR(row.x_max - row.x_min, 128 * e.transform[1], 1e-6);
      std::vector<double> pixels(e.objects.size(), 0);
      const auto* nir = reinterpret_cast<const std::uint16_t*>(e.planes[4].data());
      int wrong = 0;
      for (std::size_t i = 0; i < e.id_map.size(); ++i) {
        if (e.id_map[i] > 0) ++pixels[e.id_map[i] - 1U];
        wrong += (e.valid.empty() || e.valid[i]) && (e.ignore.empty() || !e.ignore[i]) &&
                 (nir[i] > 3750) != (e.id_map[i] > 0);
      }
      EXPECT_LT(wrong, 0.02 * 128 * 128) << "labels lie on the crowns that the picture shows";
      for (std::size_t k = 0; k < e.objects.size(); ++k) {
        const LabelledObject& o = e.objects[k];
        if (o.xmin <= 0 || o.ymin <= 0 || o.xmax >= 128 || o.ymax >= 128) continue;
        const Point world = Transform{
            {e.transform[0],
             e.transform[1],
             e.transform[2],
             e.transform[3],
             e.transform[4],
             e.transform[5]}}.world_from_pixel((o.xmin + o.xmax) / 2, (o.ymin + o.ymax) / 2);
        const double column = (world.x - 500'000) / 8 - 0.5, line = (6'200'000 - world.y) / 8 - 0.5;
        EXPECT_NEAR(column, std::round(column), 0.6 * gsd_m / 8);
        EXPECT_NEAR(line, std::round(line), 0.6 * gsd_m / 8);
        area_m2[{std::lround(column), std::lround(line)}] =
            pixels[k] * e.transform[1] * e.transform[1];
      }
    }
    EXPECT_GE(area_m2.size(), 60U) << gsd_m;
    double sum = 0;
    for (const auto& [place, m2] : area_m2) {
      EXPECT_NEAR(m2, truth_m2, 0.05 * truth_m2);
      sum += m2;
    }
    EXPECT_NEAR(sum / static_cast<double>(area_m2.size()), truth_m2, 0.01 * truth_m2) << gsd_m;
  }
}

TEST_F(IngestTest, several_resolutions_are_one_ingest_that_is_done_once) {
  plant();
  run();
  const auto own = rows_;
  options_.gsd = {0.0995, 0.2};
  const IngestReport report = run();
  EXPECT_EQ(report.tiles, 6 + 2);
  EXPECT_EQ(report.tiles_kept, 6) << "within a per cent it is the picture's own resolution";
  EXPECT_EQ(report.tiles_written, 2);
  for (std::size_t i = 0; i < own.size(); ++i) EXPECT_EQ(rows_[i].tile_id, own[i].tile_id);
  for (const TileRow& row : rows_) EXPECT_EQ(row.ingest_id, report.ingest_id);
  const IngestManifest manifest =
      manifest_from_bytes("m", store_->get(manifest_path(report.ingest_id)));
  EXPECT_EQ(manifest.rows.size(), 8U);
  const IngestReport again = run();
  EXPECT_TRUE(again.was_done);
  EXPECT_EQ(again.tiles_kept, 8);
}

TEST_F(IngestTest, of_a_picture_without_a_crs_the_finest_resolution_is_its_own) {
  DrawnOrchard orchard;
  orchard.crs.clear();
  orchard.write(folder_ / "farm.tif");
  options_.labels.clear();
  options_.unlabelled = true;
  options_.gsd = {0.5, 0.25};
  run();
  ASSERT_EQ(rows_.size(), 2U + 6U);
  EXPECT_NEAR(rows_.front().gsd_m, 0.5, 1e-6);
  EXPECT_NEAR(rows_.back().gsd_m, 0.25, 1e-6);
}

TEST_F(IngestTest, files_are_named_so_that_they_are_found_again_from_anywhere) {
  plant();
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  options_.labels = "trees.gpkg";
  const auto nothing = [](const std::string&, std::span<const TileRow>) { return true; };
  std::vector<TileRow> rows;
  const std::string id = ingest("farm.tif", options_, *store_, [&](const std::string&, auto all) {
                           rows.assign(all.begin(), all.end());
                           return true;
                         }).ingest_id;
  fs::current_path(before);
  EXPECT_EQ(rows.at(0).source_uri, fs::canonical(folder_) / "farm.tif");
  EXPECT_EQ(rows.at(0).labels_uri, fs::canonical(folder_) / "trees.gpkg");
  const IngestManifest manifest = manifest_from_bytes("manifest", store_->get(manifest_path(id)));
  EXPECT_EQ(manifest.source.at("uri"), rows[0].source_uri);
  EXPECT_EQ(manifest.labels.at("uri"), rows[0].labels_uri);

  options_.labels = (folder_ / "trees.gpkg").string();
  options_.home = folder_;
  options_.tile_size = 48;  // another ingest
  run();
  EXPECT_EQ(rows_.at(0).source_uri, "farm.tif");
  EXPECT_EQ(ingest(folder_ / "farm.tif", options_, *store_, nothing).was_done, true);
}

TEST_F(IngestTest, the_rows_make_one_part_of_the_catalog) {
  plant();
  Catalog catalog = Catalog::open((folder_ / "catalog").string());
  const RowSink sink = [&](const std::string& id, std::span<const TileRow> rows) {
    return catalog.commit_part(id, rows);
  };
  const IngestReport report = ingest(folder_ / "farm.tif", options_, *store_, sink);
  EXPECT_EQ(catalog.row_count(), 6);
  EXPECT_TRUE(ingest(folder_ / "farm.tif", options_, *store_, sink).was_done);
  EXPECT_EQ(catalog.row_count(), 6);
  // A run that was killed between the manifest and the part is completed by the next one.
  fs::remove_all(folder_ / "catalog");
  catalog = Catalog::open((folder_ / "catalog").string());
  ingest(folder_ / "farm.tif", options_, *store_, sink);
  EXPECT_TRUE(catalog.has_part(report.ingest_id));
}

TEST_F(IngestTest, bad_input_is_one_clear_line_and_nothing_is_written) {
  plant();
  EXPECT_THAT(error_of([&] { ingest(folder_ / "no.tif", options_, *store_, nullptr); }),
              HasSubstr("NotFound: "));
  write("text.tif", "not a picture");
  EXPECT_THAT(error_of([&] { ingest(folder_ / "text.tif", options_, *store_, nullptr); }),
              HasSubstr("text.tif"));
  const std::string labels = options_.labels;
  options_.labels =
      write("labels.geojson", R"({"type": "FeatureCollection", "features": []})").string();
  EXPECT_THAT(refused(), HasSubstr("labels.geojson: holds no labels"));
  options_.labels = labels;
  options_.bands = {"red", "green"};
  EXPECT_THAT(refused(), HasSubstr("User: "));
  options_.bands = {"red", "green", "blue", "violet", "nir"};
  EXPECT_THAT(refused(), HasSubstr("violet"));
  options_.bands.clear();
  options_.band = {"dsm=" + (folder_ / "nowhere.tif").string()};
  EXPECT_THAT(refused(), HasSubstr("nowhere.tif"));
  options_.band = {"nir=" + (folder_ / "farm.tif").string()};
  EXPECT_THAT(refused(), HasSubstr("farm.tif"));
  options_.band.clear();
  options_.gsd = {0.1, 0.05};
  EXPECT_THAT(refused(), HasSubstr("farm.tif: gsd: 5 cm is finer than the picture's 10 cm"));
  options_.gsd.clear();
  options_.tile_size = 1;
  EXPECT_THAT(refused(), HasSubstr("tile-size"));
  EXPECT_TRUE(stored().empty());
}

TEST_F(IngestTest, a_picture_without_any_data_is_refused) {
  DrawnOrchard orchard;
  orchard.nodata_from_column = 0;
  plant(orchard);
  EXPECT_THAT(refused(), HasSubstr("farm.tif: holds no data; each of its 6 tiles"));
}

// Real pictures with real labels, where the machine has them: CANOPY_DATA names the folder.
TEST_F(IngestTest, real_data_sets_are_ingested_without_loss) {
  const char* data = std::getenv("CANOPY_DATA");
  if (!data) GTEST_SKIP() << "CANOPY_DATA is not set";
  const auto ingested = [&](const std::string& set,
                            const std::string& picture,
                            const std::string& labels,
                            double gsd) {
    options_ = {};
    options_.labels = (fs::path(data) / set / labels).string();
    if (gsd > 0) options_.gsd = {gsd};
    const IngestReport report = ingest(fs::path(data) / set / "images" / picture,
                                       options_,
                                       *store_,
                                       [&](const std::string&, std::span<const TileRow> rows) {
                                         rows_.assign(rows.begin(), rows.end());
                                         return true;
                                       });
    EXPECT_EQ(report.labels_used + report.labels_skipped.count, report.labels_read);
    EXPECT_GE(static_cast<double>(report.labels_used),
              0.97 * static_cast<double>(report.labels_read))
        << testing::PrintToString(report.labels_skipped.first);
    for (const TileRow& row : rows_) decode(store_->get(row.uri));
    return report;
  };
  EXPECT_EQ(ingested("dk_crowns_rgbn", "dk0_train.tif", "annotations.json", 0).kind,
            LabelKind::Mask);
  EXPECT_EQ(rows_[0].meta["split"], "train");
  EXPECT_EQ(ingested("neon_boxes_rgb", "TEAK_043.tif", "annotations.json", 0.1).kind,
            LabelKind::Box);
  EXPECT_EQ(ingested("ca_urban_points_rgbn", "chico_2020_11.tif", "test.csv", 0.6).kind,
            LabelKind::Point);
}

}  // namespace
}  // namespace canopy
