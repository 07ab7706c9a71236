// SPDX-License-Identifier: Apache-2.0
#include "store/example.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "store/gzip.h"
#include "store/tf_example.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

/// 6 x 4 pixels, red and nir as uint16 beside a float surface, two trees, one of them dead.
Example small() {
  Example e;
  e.height = 4;
  e.width = 6;
  e.bands = {"red", "nir", "dsm"};
  e.types = {SampleType::UInt16, SampleType::UInt16, SampleType::Float32};
  e.scale = {1e-4F, 1e-4F, 1};
  e.offset = {0, 0, -100};
  for (int band = 0; band < 3; ++band) {
    Bytes plane(24 * static_cast<std::size_t>(bytes_of(e.types[static_cast<std::size_t>(band)])));
    for (std::size_t i = 0; i < plane.size(); ++i)
      plane[i] = static_cast<std::uint8_t>(i * 7 + static_cast<std::size_t>(band));
    e.planes.push_back(plane);
  }
  e.valid.assign(24, true);
  e.valid[23] = false;
  e.gsd_m = 0.25;
  e.crs = "EPSG:32734";
  e.transform = {300000.1, 0.25, 0, 6200000.3, 0, -0.25};
  e.source_id = "farm-7";
  e.filename = "farm.tif";
  e.kind = LabelKind::Mask;
  e.objects = {{0, 0, 3, 2, ObjectClass::Tree, false}, {3, 1, 6, 4, ObjectClass::DeadTree, true}};
  e.id_map.assign(24, 0);
  e.id_map[0] = 1;
  e.id_map[10] = 2;
  e.ignore.assign(24, false);
  e.ignore[5] = true;
  return e;
}

void expect_equal(const Example& a, const Example& b) {
  EXPECT_EQ(a.height, b.height);
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.bands, b.bands);
  EXPECT_EQ(a.types, b.types);
  EXPECT_EQ(a.scale, b.scale);
  EXPECT_EQ(a.offset, b.offset);
  EXPECT_EQ(a.planes, b.planes);
  EXPECT_EQ(a.valid, b.valid);
  EXPECT_FLOAT_EQ(static_cast<float>(a.gsd_m), static_cast<float>(b.gsd_m));
  EXPECT_EQ(a.crs, b.crs);
  EXPECT_EQ(a.transform, b.transform);
  EXPECT_EQ(a.source_id, b.source_id);
  EXPECT_EQ(a.filename, b.filename);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.id_map, b.id_map);
  EXPECT_EQ(a.ignore, b.ignore);
  ASSERT_EQ(a.objects.size(), b.objects.size());
  for (std::size_t i = 0; i < a.objects.size(); ++i) {
    EXPECT_FLOAT_EQ(a.objects[i].xmin, b.objects[i].xmin);
    EXPECT_FLOAT_EQ(a.objects[i].ymin, b.objects[i].ymin);
    EXPECT_FLOAT_EQ(a.objects[i].xmax, b.objects[i].xmax);
    EXPECT_FLOAT_EQ(a.objects[i].ymax, b.objects[i].ymax);
    EXPECT_EQ(a.objects[i].label, b.objects[i].label);
    EXPECT_EQ(a.objects[i].is_crowd, b.objects[i].is_crowd);
  }
}

std::string complaint(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

/// What `encode` says to a small example after `change`.
std::string refused(const std::function<void(Example&)>& change) {
  Example e = small();
  change(e);
  return complaint([&] { encode(e); });
}

TEST(Example, every_field_comes_back) {
  const Example e = small();
  expect_equal(decode(encode(e).bytes), e);
}

TEST(Example, boxes_points_and_unlabelled_tiles_come_back) {
  Example e = small();
  e.id_map.clear();
  e.kind = LabelKind::Box;
  expect_equal(decode(encode(e).bytes), e);
  e.kind = LabelKind::Point;
  e.objects = {{1.5F, 2.5F, 1.5F, 2.5F, ObjectClass::Tree, false}};
  expect_equal(decode(encode(e).bytes), e);
  e.kind = LabelKind::None;
  e.objects.clear();
  expect_equal(decode(encode(e).bytes), e);
}

TEST(Example, a_tile_without_optional_fields_comes_back) {
  Example e;
  e.height = e.width = 3;
  e.bands = {"pan"};
  e.types = {SampleType::UInt8};
  e.planes = {Bytes(9, 1)};
  expect_equal(decode(encode(e).bytes), e);
  const auto serialized = inflate(encode(e).bytes);
  EXPECT_THAT(TfExampleView(serialized).keys(),
              ElementsAre("canopy/schema",
                          "image/bands",
                          "image/dtype",
                          "image/height",
                          "image/label_kind",
                          "image/planes",
                          "image/width"));
}

TEST(Example, what_says_nothing_is_left_out_so_that_it_cannot_change_the_name) {
  Example e = small(), f = e;
  e.valid.assign(24, true);
  f.valid.clear();
  e.ignore.assign(24, false);
  f.ignore.clear();
  EXPECT_EQ(encode(e).tile_id, encode(f).tile_id);
}

TEST(Example, the_schema_has_the_keys_that_other_readers_know) {
  const auto serialized = inflate(encode(small()).bytes);
  const TfExampleView in(serialized);
  EXPECT_THAT(in.keys(),
              ElementsAre("canopy/schema",
                          "image/bands",
                          "image/dtype",
                          "image/filename",
                          "image/geo",
                          "image/gsd_m",
                          "image/height",
                          "image/ignore",
                          "image/label_kind",
                          "image/object/bbox/xmax",
                          "image/object/bbox/xmin",
                          "image/object/bbox/ymax",
                          "image/object/bbox/ymin",
                          "image/object/class/label",
                          "image/object/class/text",
                          "image/object/id_map",
                          "image/object/is_crowd",
                          "image/offset",
                          "image/planes",
                          "image/scale",
                          "image/source_id",
                          "image/valid",
                          "image/width"));
  EXPECT_EQ(in.integer("canopy/schema"), 1);
  EXPECT_THAT(in.floats("image/object/bbox/xmax", 2), ElementsAre(0.5F, 1.0F));
  EXPECT_THAT(in.texts("image/object/class/text", 2), ElementsAre("tree", "dead_tree"));
  EXPECT_THAT(in.texts("image/dtype", 3), ElementsAre("uint16", "uint16", "float32"));
  EXPECT_THAT(in.byte("image/valid"), ElementsAre(0xff, 0xff, 0x7f));
  EXPECT_EQ(in.text("image/geo"),
            R"({"crs":"EPSG:32734","transform":[300000.1,0.25,0.0,6200000.3,0.0,-0.25]})");
}

// These bytes are on people's disks: a change here is a new schema.
TEST(Example, the_bytes_of_schema_1_stay_as_they_are) {
  const EncodedExample encoded = encode(small());
  EXPECT_EQ(encoded.tile_id, "2c761bb46cc20127a330296ad59a9aadf8ee51f0644fce1aa3df18892cede4a1");
  EXPECT_EQ(encoded.tile_key, "d4d2aa428ac00d8819e62181c525dc9b022a25fcbd04ddd09d694d8f9d0029f6");
  EXPECT_EQ(sha256_hex(inflate(encoded.bytes)), encoded.tile_id);
}

TEST(Example, the_tile_key_is_of_the_picture_and_not_of_its_labels) {
  const Example e = small();
  Example relabelled = e;
  relabelled.kind = LabelKind::Box;
  relabelled.id_map.clear();
  relabelled.objects.pop_back();
  relabelled.ignore.clear();
  relabelled.source_id = relabelled.filename = "other";
  EXPECT_EQ(encode(relabelled).tile_key, encode(e).tile_key);
  EXPECT_NE(encode(relabelled).tile_id, encode(e).tile_id);
  for (const auto& change :
       std::vector<std::function<void(Example&)>>{[](Example& x) { x.planes[0][3] ^= 1; },
                                                  [](Example& x) { x.valid[1] = false; },
                                                  [](Example& x) { x.gsd_m = 0.5; },
                                                  [](Example& x) { x.transform[0] += 1; },
                                                  [](Example& x) { x.scale[0] = 1; },
                                                  [](Example& x) { x.offset[0] = 1; },
                                                  [](Example& x) { x.bands[0] = "green"; }}) {
    Example other = e;
    change(other);
    EXPECT_NE(encode(other).tile_key, encode(e).tile_key);
  }
}

TEST(Example, encoding_again_what_was_decoded_gives_the_same_name) {
  Random random(3);
  for (int i = 0; i < 50; ++i) {
    Example e = small();
    for (LabelledObject& o : e.objects) {
      o.xmin = static_cast<float>(random.uniform(0, 3));
      o.xmax = static_cast<float>(random.uniform(3, 6));
    }
    const EncodedExample first = encode(decode(encode(e).bytes));
    EXPECT_EQ(encode(decode(first.bytes)).tile_id, first.tile_id);
  }
}

TEST(Example, paths_are_made_of_tile_ids) {
  const std::string id = sha256_hex(std::string_view("x"));
  EXPECT_EQ(example_path(id), id.substr(0, 2) + "/" + id.substr(2) + ".example.gz");
  EXPECT_THAT(complaint([] { example_path("../../etc/passwd"); }), HasSubstr("is not a tile id"));
}

TEST(Example, names_are_read_back_and_others_are_refused) {
  for (const char* name : {"uint8", "uint16", "float32"})
    EXPECT_STREQ(name_of(sample_type(name)), name);
  for (const char* name : {"none", "mask", "box", "point"})
    EXPECT_STREQ(name_of(label_kind(name)), name);
  EXPECT_THAT(complaint([] { sample_type("int8"); }), HasSubstr("'int8' is not a sample type"));
  EXPECT_THAT(complaint([] { label_kind("blob"); }), HasSubstr("'blob' is not a label kind"));
}

TEST(Example, what_does_not_fit_together_is_refused_with_its_feature) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refused([](Example& e) { e.height = 0; }), HasSubstr("image/height"));
  EXPECT_THAT(refused([](Example& e) { e.width = 70000; }), HasSubstr("image/width"));
  EXPECT_THAT(refused([](Example& e) { e.bands.clear(); }), HasSubstr("image/bands: is empty"));
  EXPECT_THAT(refused([](Example& e) { e.bands[0] = "violet"; }),
              HasSubstr("'violet' is not a band"));
  EXPECT_THAT(refused([](Example& e) { e.bands[0] = "nir"; }), HasSubstr("'nir' stands twice"));
  EXPECT_THAT(refused([](Example& e) { e.types.pop_back(); }), HasSubstr("2 types for 3 bands"));
  EXPECT_THAT(refused([](Example& e) { e.planes[1] = Plane(e.planes[1].size() - 1); }),
              HasSubstr("band 'nir' holds 47 bytes; 48"));
  EXPECT_THAT(refused([](Example& e) { e.scale.pop_back(); }), HasSubstr("image/scale"));
  EXPECT_THAT(refused([&](Example& e) { e.offset[0] = nan; }), HasSubstr("image/offset"));
  EXPECT_THAT(refused([](Example& e) { e.valid.pop_back(); }), HasSubstr("image/valid"));
  EXPECT_THAT(refused([](Example& e) { e.gsd_m = -1; }), HasSubstr("image/gsd_m"));
  EXPECT_THAT(refused([](Example& e) { e.transform.pop_back(); }), HasSubstr("image/geo"));
  EXPECT_THAT(refused([](Example& e) { e.crs = "\xff"; }), HasSubstr("not UTF-8"));
  EXPECT_THAT(refused([](Example& e) { e.kind = LabelKind::None; }), HasSubstr("image/label_kind"));
  EXPECT_THAT(refused([](Example& e) { e.kind = LabelKind::Box; }), HasSubstr("label kind is box"));
  EXPECT_THAT(refused([](Example& e) { e.id_map.pop_back(); }), HasSubstr("id_map: 23 pixels"));
  EXPECT_THAT(refused([](Example& e) { e.id_map[0] = 3; }), HasSubstr("belongs to object 3 of 2"));
  EXPECT_THAT(refused([](Example& e) { e.objects[1].xmax = 6.1F; }),
              HasSubstr("object 2 reaches beyond the tile"));
  EXPECT_THAT(refused([&](Example& e) { e.objects[0].ymin = nan; }),
              HasSubstr("object 1 reaches beyond"));
  EXPECT_THAT(refused([](Example& e) { e.objects[0].label = static_cast<ObjectClass>(9); }),
              HasSubstr("neither"));
  EXPECT_THAT(refused([](Example& e) { e.objects.resize(70000); }), HasSubstr("at most 65,535"));
  EXPECT_THAT(refused([](Example& e) {
                e.kind = LabelKind::Point;
                e.id_map.clear();
              }),
              HasSubstr("has an extent"));
}

/// What `parse_example` says to the small example's features after `change` of one of them.
std::string unreadable(const std::function<void(TfExampleWriter&)>& change) {
  static const Bytes serialized = inflate(encode(small()).bytes);
  const TfExampleView in(serialized);
  TfExampleWriter out;
  for (const std::string& key : in.keys()) {
    try {
      out.bytes(key, in.bytes(key, 1000));
    } catch (const Error&) {
      try {
        out.ints(key, in.ints(key, 1000));
      } catch (const Error&) {
        out.floats(key, in.floats(key, 1000));
      }
    }
  }
  change(out);
  const Bytes changed = out.write();
  return complaint([&] { parse_example(changed); });
}

TEST(Example, files_that_disagree_with_themselves_are_refused_with_the_feature) {
  EXPECT_THAT(unreadable([](auto& out) { out.ints("canopy/schema", {2}); }),
              HasSubstr("canopy/schema: 2 is unknown"));
  EXPECT_THAT(unreadable([](auto& out) { out.ints("image/height", {}); }),
              HasSubstr("'image/height' is empty"));
  EXPECT_THAT(unreadable([](auto& out) { out.floats("image/width", {6}); }),
              HasSubstr("holds floats where integers"));
  EXPECT_THAT(unreadable([](auto& out) { out.ints("image/width", {INT64_MAX}); }),
              HasSubstr("is no tile"));
  EXPECT_THAT(unreadable([](auto& out) { out.ints("image/width", {-1}); }),
              HasSubstr("is no tile"));
  EXPECT_THAT(unreadable([](auto& out) { out.ints("image/height", {65536}); }), HasSubstr("bytes"));
  EXPECT_THAT(unreadable([](auto& out) { out.texts("image/dtype", {"int4"}); }),
              HasSubstr("'int4'"));
  EXPECT_THAT(unreadable([](auto& out) { out.texts("image/geo", {"[[[["}); }),
              HasSubstr("image/geo: must be JSON"));
  EXPECT_THAT(
      unreadable([](auto& out) { out.texts("image/geo", {R"({"crs":1,"transform":[]})"}); }),
      HasSubstr("image/geo: must be JSON"));
  EXPECT_THAT(unreadable([](auto& out) { out.texts("image/valid", {"x"}); }),
              HasSubstr("image/valid: 1 bytes; 3"));
  EXPECT_THAT(unreadable([](auto& out) { out.ints("image/object/class/label", {1}); }),
              HasSubstr("2 values for 1 objects"));
  EXPECT_THAT(unreadable([](auto& out) { out.ints("image/object/is_crowd", {1}); }),
              HasSubstr("is_crowd"));
  EXPECT_THAT(unreadable([](auto& out) {
                out.floats("image/object/bbox/xmax", {0.5F, 1.5F});
              }),
              HasSubstr("object 2 reaches beyond"));
  EXPECT_THAT(unreadable([](auto& out) { out.texts("image/object/id_map", {"xy"}); }),
              HasSubstr("id_map: 2 bytes; 48"));
}

TEST(Example, a_small_hostile_file_cannot_ask_for_much_memory) {
  EXPECT_THAT(complaint([] { decode(gzip(Bytes(1 << 20)), 1 << 16); }), HasSubstr("allowed"));
}

TEST(Example, damaged_bytes_never_do_more_than_throw) {
  const EncodedExample encoded = encode(small());
  const Bytes serialized = inflate(encoded.bytes);
  int refusals = 0;
  for (std::uint64_t seed = 0; seed < 40'000; ++seed) {
    Random random(seed, 7);
    const bool outer = seed % 4 == 0;
    Bytes bytes = outer ? encoded.bytes : serialized;
    for (std::int64_t n = 1 + random.below(5); n > 0 && !bytes.empty(); --n) {
      const auto at =
          static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())));
      const auto what = random.below(10);
      if (what < 6)
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1u << random.below(8)));
      else if (what < 8)
        bytes[at] = static_cast<std::uint8_t>(random.bits());
      else if (what < 9)
        bytes.resize(at);
      else
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     static_cast<std::uint8_t>(random.bits()));
    }
    try {
      const Example e = outer ? decode(bytes, 1 << 20) : parse_example(bytes);
      encode(e);  // whatever is accepted is whole
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User) << error.what();
      ++refusals;
    }
  }
  EXPECT_GT(refusals, 20'000);
}

}  // namespace
}  // namespace canopy
