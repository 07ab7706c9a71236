// SPDX-License-Identifier: Apache-2.0
#include "store/example.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hash.h"
#include "store/example_check.h"
#include "store/gzip.h"
#include "store/tf_example.h"

namespace canopy {
namespace {

constexpr std::int64_t kSchema = 1;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

std::string text(std::size_t n) { return std::to_string(n); }

std::vector<std::uint8_t> packed_bits(const std::vector<bool>& bits) {
  std::vector<std::uint8_t> bytes((bits.size() + 7) / 8);
  for (std::size_t i = 0; i < bits.size(); ++i)
    if (bits[i]) bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | 1u << (i % 8));
  return bytes;
}

std::vector<bool> unpacked_bits(ByteView bytes, std::size_t count, const char* key) {
  require(bytes.size() == (count + 7) / 8, [&] {
    return std::string(key) + ": " + text(bytes.size()) + " bytes; " + text((count + 7) / 8) +
           " are needed";
  });
  std::vector<bool> bits(count);
  for (std::size_t i = 0; i < count; ++i) bits[i] = bytes[i / 8] >> (i % 8) & 1;
  return bits;
}

std::string geo_text(const Example& e) {
  try {
    return nlohmann::json{{"crs", e.crs}, {"transform", e.transform}}.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(Fault::User, "image/geo: the CRS is not UTF-8 text");
  }
}

/// Bits that are made for the writer, which only holds views.
struct Bits {
  std::vector<std::uint8_t> valid, ignore;
};

void write_image(const Example& e, const Bits& bits, TfExampleWriter& out) {
  out.ints("image/height", {e.height});
  out.ints("image/width", {e.width});
  out.texts("image/bands", e.bands);
  std::vector<std::string> types;
  for (const SampleType type : e.types) types.emplace_back(name_of(type));
  if (std::all_of(types.begin(), types.end(), [&](const auto& type) { return type == types[0]; }))
    types.resize(1);
  out.texts("image/dtype", std::move(types));
  if (!e.scale.empty()) out.floats("image/scale", e.scale);
  if (!e.offset.empty()) out.floats("image/offset", e.offset);
  out.bytes("image/planes", {e.planes.begin(), e.planes.end()});
  if (!bits.valid.empty()) out.bytes("image/valid", {bits.valid});
  if (e.gsd_m > 0) out.floats("image/gsd_m", {static_cast<float>(e.gsd_m)});
  if (!e.crs.empty() || !e.transform.empty()) out.texts("image/geo", {geo_text(e)});
}

void write_objects(const Example& e, TfExampleWriter& out) {
  if (e.kind == LabelKind::None) return;
  std::vector<float> xmin, xmax, ymin, ymax;
  std::vector<std::int64_t> labels, crowds;
  std::vector<std::string> names;
  const auto width = static_cast<float>(e.width), height = static_cast<float>(e.height);
  for (const LabelledObject& o : e.objects) {
    xmin.push_back(o.xmin / width);
    xmax.push_back(o.xmax / width);
    ymin.push_back(o.ymin / height);
    ymax.push_back(o.ymax / height);
    labels.push_back(static_cast<std::int64_t>(o.label));
    names.emplace_back(name_of(o.label));
    crowds.push_back(o.is_crowd);
  }
  out.ints("image/object/class/label", std::move(labels));
  out.texts("image/object/class/text", std::move(names));
  out.ints("image/object/is_crowd", std::move(crowds));
  if (e.kind == LabelKind::Point) {
    out.floats("image/object/point/x", std::move(xmin));
    out.floats("image/object/point/y", std::move(ymin));
    return;
  }
  out.floats("image/object/bbox/xmin", std::move(xmin));
  out.floats("image/object/bbox/xmax", std::move(xmax));
  out.floats("image/object/bbox/ymin", std::move(ymin));
  out.floats("image/object/bbox/ymax", std::move(ymax));
  if (e.kind == LabelKind::Mask)
    out.bytes("image/object/id_map",
              {{reinterpret_cast<const std::uint8_t*>(e.id_map.data()), 2 * e.id_map.size()}});
}

/// The band's samples, where `in` has them.
using PlaneOf = std::function<Plane(const ByteView&)>;

void read_image(const TfExampleView& in, const PlaneOf& plane_of, Example& e) {
  const std::int64_t height = in.integer("image/height"), width = in.integer("image/width");
  const auto edge = [](std::int64_t n) {
    return n < 1 || n > kMostEdge_px ? 0 : static_cast<int>(n);
  };
  e.height = edge(height);
  e.width = edge(width);
  require(e.height > 0 && e.width > 0, [&] {
    return "image/height, image/width: " + std::to_string(height) + " x " + std::to_string(width) +
           " is no tile; each must be between 1 and 65,536";
  });
  const std::size_t max_bands = canonical_bands().size();
  e.bands = in.texts("image/bands", max_bands);
  for (const std::string& name : in.texts("image/dtype", max_bands))
    e.types.push_back(sample_type(name));
  if (e.types.size() == 1) e.types.resize(e.bands.size(), e.types[0]);
  if (in.has("image/scale")) e.scale = in.floats("image/scale", max_bands);
  if (in.has("image/offset")) e.offset = in.floats("image/offset", max_bands);
  for (const ByteView& plane : in.bytes("image/planes", max_bands))
    e.planes.push_back(plane_of(plane));
  if (in.has("image/valid"))
    e.valid = unpacked_bits(in.byte("image/valid"), pixels_of(e), "image/valid");
  if (in.has("image/gsd_m")) e.gsd_m = in.number("image/gsd_m");
}

void read_geo(const std::string& text, Example& e) {
  const auto geo = nlohmann::json::parse(text, nullptr, false);
  const bool whole =
      geo.is_object() && geo.contains("crs") && geo["crs"].is_string() &&
      geo.contains("transform") && geo["transform"].is_array() && geo["transform"].size() <= 6 &&
      std::all_of(geo["transform"].begin(), geo["transform"].end(), [](const auto& v) {
        return v.is_number();
      });
  require(whole, "image/geo: must be JSON {\"crs\": text, \"transform\": [6 numbers]}");
  e.crs = geo["crs"].template get<std::string>();
  e.transform = geo["transform"].template get<std::vector<double>>();
}

float times(float normalised, int edge) { return normalised * static_cast<float>(edge); }

void read_objects(const TfExampleView& in, Example& e) {
  if (e.kind == LabelKind::None) return;
  const auto labels = in.ints("image/object/class/label", kMostObjects);
  const auto list = [&](const char* key) {
    auto values = in.floats(key, kMostObjects);
    require(values.size() == labels.size(), [&] {
      return std::string(key) + ": " + text(values.size()) + " values for " + text(labels.size()) +
             " objects";
    });
    return values;
  };
  const bool points = e.kind == LabelKind::Point;
  const auto xmin = list(points ? "image/object/point/x" : "image/object/bbox/xmin");
  const auto ymin = list(points ? "image/object/point/y" : "image/object/bbox/ymin");
  const auto xmax = points ? xmin : list("image/object/bbox/xmax");
  const auto ymax = points ? ymin : list("image/object/bbox/ymax");
  std::vector<std::int64_t> crowds(labels.size());
  if (in.has("image/object/is_crowd")) crowds = in.ints("image/object/is_crowd", kMostObjects);
  require(crowds.size() == labels.size(), "image/object/is_crowd: one value per object is needed");
  for (std::size_t i = 0; i < labels.size(); ++i)
    e.objects.push_back({times(xmin[i], e.width),
                         times(ymin[i], e.height),
                         times(xmax[i], e.width),
                         times(ymax[i], e.height),
                         static_cast<ObjectClass>(labels[i]),
                         crowds[i] != 0});
  if (e.kind != LabelKind::Mask) return;
  const ByteView map = in.byte("image/object/id_map");
  require(map.size() == 2 * pixels_of(e), [&] {
    return "image/object/id_map: " + text(map.size()) + " bytes; " + text(2 * pixels_of(e)) +
           " are needed";
  });
  e.id_map.resize(pixels_of(e));
  std::memcpy(e.id_map.data(), map.data(), map.size());
}

template <class Enum, std::size_t n>
Enum by_name(const std::string& name, const Enum (&all)[n], const char* what, const char* known) {
  for (const Enum one : all)
    if (name == name_of(one)) return one;
  throw Error(Fault::User, "'" + name + "' is not a " + what + "; known are " + known);
}

Example parse(ByteView serialized, const PlaneOf& plane_of) {
  const TfExampleView in(serialized);
  const std::int64_t schema = in.integer("canopy/schema");
  require(schema == kSchema, [&] {
    return "canopy/schema: " + std::to_string(schema) + " is unknown; this canopy reads schema 1";
  });
  Example e;
  read_image(in, plane_of, e);
  if (in.has("image/geo")) read_geo(in.text("image/geo"), e);
  if (in.has("image/source_id")) e.source_id = in.text("image/source_id");
  if (in.has("image/filename")) e.filename = in.text("image/filename");
  e.kind = label_kind(in.text("image/label_kind"));
  if (in.has("image/ignore"))
    e.ignore = unpacked_bits(in.byte("image/ignore"), pixels_of(e), "image/ignore");
  read_objects(in, e);
  check_example(e);
  return e;
}

}  // namespace

const char* name_of(SampleType type) {
  static constexpr const char* kNames[] = {"uint8", "uint16", "float32"};
  return kNames[static_cast<int>(type)];
}

int bytes_of(SampleType type) {
  static constexpr int kBytes[] = {1, 2, 4};
  return kBytes[static_cast<int>(type)];
}

SampleType sample_type(const std::string& name) {
  static constexpr SampleType kAll[] = {SampleType::UInt8, SampleType::UInt16, SampleType::Float32};
  return by_name(name, kAll, "sample type", "uint8, uint16, float32");
}

const std::vector<std::string>& canonical_bands() {
  static const std::vector<std::string> bands = {
      "blue", "green", "red", "red_edge", "nir", "swir", "thermal", "pan", "dsm"};
  return bands;
}

const char* name_of(LabelKind kind) {
  static constexpr const char* kNames[] = {"none", "mask", "box", "point"};
  return kNames[static_cast<int>(kind)];
}

LabelKind label_kind(const std::string& name) {
  static constexpr LabelKind kAll[] = {
      LabelKind::None, LabelKind::Mask, LabelKind::Box, LabelKind::Point};
  return by_name(name, kAll, "label kind", "mask, box, point, none");
}

const char* name_of(ObjectClass label) {
  return label == ObjectClass::DeadTree ? "dead_tree" : "tree";
}

SerializedExample serialize(const Example& example) {
  check_example(example);
  const auto holds = [](const std::vector<bool>& bits, bool value) {
    return std::find(bits.begin(), bits.end(), value) != bits.end();
  };
  Bits bits;
  if (holds(example.valid, false)) bits.valid = packed_bits(example.valid);
  if (holds(example.ignore, true)) bits.ignore = packed_bits(example.ignore);
  TfExampleWriter out;
  write_image(example, bits, out);
  SerializedExample result;
  result.tile_key = sha256_hex(out.write());
  out.ints("canopy/schema", {kSchema});
  if (!example.source_id.empty()) out.texts("image/source_id", {example.source_id});
  if (!example.filename.empty()) out.texts("image/filename", {example.filename});
  out.texts("image/label_kind", {name_of(example.kind)});
  if (!bits.ignore.empty()) out.bytes("image/ignore", {bits.ignore});
  write_objects(example, out);
  result.bytes = out.write();
  require(result.bytes.size() <= kMaxBytes, [&] {
    return "a tile of " + text(result.bytes.size()) +
           " bytes is more than an example file holds (1 GiB); cut smaller tiles";
  });
  result.tile_id = sha256_hex(result.bytes);
  return result;
}

EncodedExample encode(const Example& example) {
  SerializedExample serialized = serialize(example);
  return {std::move(serialized.tile_id), std::move(serialized.tile_key), gzip(serialized.bytes)};
}

std::vector<std::uint8_t> inflate(std::span<const std::uint8_t> gzip_bytes, std::size_t max_bytes) {
  std::vector<std::uint8_t> serialized;
  gunzip(gzip_bytes, serialized, max_bytes);
  return serialized;
}

Example decode(std::span<const std::uint8_t> gzip_bytes, std::size_t max_bytes) {
  const std::size_t size = gunzip_size(gzip_bytes, max_bytes);
  const std::shared_ptr<std::uint8_t> slab = take_slab(size);
  const std::span<std::uint8_t> serialized(slab.get(), size);
  gunzip(gzip_bytes, serialized);
  return parse_example(serialized, slab);
}

Example parse_example(std::span<std::uint8_t> serialized,
                      const std::shared_ptr<std::uint8_t>& owner) {
  return parse(serialized, [&](const ByteView& plane) {
    const auto offset = static_cast<std::size_t>(plane.data() - serialized.data());
    return Plane(owner, serialized.subspan(offset, plane.size()));
  });
}

Example parse_example(std::span<const std::uint8_t> serialized) {
  return parse(serialized, [](const ByteView& plane) {
    return Plane(std::vector<std::uint8_t>(plane.begin(), plane.end()));
  });
}

std::string example_path(const std::string& tile_id) {
  require(
      tile_id.size() == 64 && tile_id.find_first_not_of("0123456789abcdef") == std::string::npos,
      [&] { return "'" + tile_id + "' is not a tile id (64 hexadecimal digits)"; });
  return tile_id.substr(0, 2) + "/" + tile_id.substr(2) + ".example.gz";
}

}  // namespace canopy
