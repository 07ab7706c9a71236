// SPDX-License-Identifier: Apache-2.0
#include "tune/naive_loader.h"

#include <zlib.h>

#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include <ATen/ATen.h>

#include "base/error.h"
#include "data/crop.h"
#include "data/tile_read.h"
#include "nn/bands.h"

namespace canopy {
namespace {

struct Feature {
  std::vector<std::string> bytes;
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
};
using Features = std::map<std::string, Feature>;

std::string inflate_naively(std::span<const std::uint8_t> file) {
  z_stream stream = {};
  check(inflateInit2(&stream, 15 + 16) == Z_OK, "zlib begins");
  std::string whole, part(1 << 16, '\0');
  stream.next_in = const_cast<Bytef*>(file.data());
  stream.avail_in = static_cast<uInt>(file.size());
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    whole.append(part, 0, part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  require(state == Z_STREAM_END, "the file is no whole gzip member; ingest its picture again");
  return whole;
}

/// A serialized message of protobuf, field by field.
class Message {
 public:
  explicit Message(std::string_view rest) : rest_(rest) {}
  bool next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint();
    field = static_cast<int>(key >> 3);
    const auto wire = static_cast<int>(key & 7);
    integer = wire == 0 ? varint() : 0;
    const std::size_t size = wire == 2 ? varint() : wire == 5 ? 4 : wire == 1 ? 8 : 0;
    require(size <= rest_.size(), "the file is cut short; ingest its picture again");
    bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      require(!rest_.empty(), "the file is cut short; ingest its picture again");
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  bool has_more() const { return !rest_.empty(); }

  int field = 0;
  std::uint64_t integer = 0;
  std::string_view bytes;

 private:
  std::string_view rest_;
};

Feature feature_of(std::string_view bytes) {
  Feature feature;
  Message kinds(bytes);
  while (kinds.next()) {
    Message values(kinds.bytes);
    while (values.next()) {
      if (kinds.field == 1) {
        feature.bytes.emplace_back(values.bytes);
      } else if (kinds.field == 2) {
        feature.floats.resize(values.bytes.size() / sizeof(float));
        std::memcpy(feature.floats.data(), values.bytes.data(), values.bytes.size());
      } else if (values.bytes.empty()) {
        feature.ints.push_back(static_cast<std::int64_t>(values.integer));
      } else {
        Message packed(values.bytes);
        while (packed.has_more())
          feature.ints.push_back(static_cast<std::int64_t>(packed.varint()));
      }
    }
  }
  return feature;
}

/// tf.train.Example { Features features = 1 { map<string, Feature> feature = 1 } }
Features features_of(std::string_view serialized) {
  Features all;
  Message example(serialized);
  while (example.next()) {
    Message entries(example.bytes);
    while (entries.next()) {
      Message entry(entries.bytes);
      std::string name;
      while (entry.next()) {
        if (entry.field == 1)
          name = entry.bytes;
        else
          all[name] = feature_of(entry.bytes);
      }
    }
  }
  return all;
}

void fill_objects(Features& in, Example& e) {
  const auto& labels = in["image/object/class/label"].ints;
  const auto& crowds = in["image/object/is_crowd"].ints;
  const auto& xmin = in["image/object/bbox/xmin"].floats;
  const auto& xmax = in["image/object/bbox/xmax"].floats;
  const auto& ymin = in["image/object/bbox/ymin"].floats;
  const auto& ymax = in["image/object/bbox/ymax"].floats;
  const auto width = static_cast<float>(e.width), height = static_cast<float>(e.height);
  for (std::size_t i = 0; i < std::min(labels.size(), xmin.size()); ++i)
    e.objects.push_back({xmin[i] * width,
                         ymin[i] * height,
                         xmax[i] * width,
                         ymax[i] * height,
                         static_cast<ObjectClass>(labels[i]),
                         i < crowds.size() && crowds[i] != 0});
  if (e.kind != LabelKind::Mask) return;
  const std::string& map = in["image/object/id_map"].bytes.at(0);
  e.id_map.resize(map.size() / 2);
  std::memcpy(e.id_map.data(), map.data(), map.size());
}

std::vector<bool> bits_of(const Feature& feature, std::size_t pixels) {
  if (feature.bytes.empty()) return {};
  std::vector<bool> bits(pixels);
  for (std::size_t i = 0; i < pixels; ++i)
    bits[i] = (feature.bytes[0].at(i / 8) >> (i % 8) & 1) != 0;
  return bits;
}

}  // namespace

Example decode_naively(std::span<const std::uint8_t> file) {
  const std::string serialized = inflate_naively(file);
  Features in = features_of(serialized);
  require(!in["image/planes"].bytes.empty() && !in["image/height"].ints.empty() &&
              !in["image/width"].ints.empty() && !in["image/dtype"].bytes.empty(),
          "the file is no example of a tile");
  Example e;
  e.height = static_cast<int>(in["image/height"].ints[0]);
  e.width = static_cast<int>(in["image/width"].ints[0]);
  e.bands = in["image/bands"].bytes;
  for (const std::string& name : in["image/dtype"].bytes) e.types.push_back(sample_type(name));
  e.types.resize(e.bands.size(), e.types[0]);
  e.scale = in["image/scale"].floats;
  e.offset = in["image/offset"].floats;
  for (const std::string& plane : in["image/planes"].bytes)
    e.planes.emplace_back(std::vector<std::uint8_t>(plane.begin(), plane.end()));
  const std::size_t pixels = static_cast<std::size_t>(e.width) * e.height;
  e.valid = bits_of(in["image/valid"], pixels);
  e.ignore = bits_of(in["image/ignore"], pixels);
  if (!in["image/gsd_m"].floats.empty()) e.gsd_m = in["image/gsd_m"].floats[0];
  e.kind = label_kind(in["image/label_kind"].bytes.at(0));
  fill_objects(in, e);
  return e;
}

at::Tensor dense_masks(const at::Tensor& id_map, const at::Tensor& object_ids) {
  return id_map.unsqueeze(0).eq(object_ids.view({-1, 1, 1})).to(at::kByte);
}

at::Tensor id_map_of(const at::Tensor& masks, const at::Tensor& object_ids) {
  at::Tensor ids = at::zeros({masks.size(1), masks.size(2)}, at::kInt);
  for (std::int64_t i = 0; i < masks.size(0); ++i)
    ids.masked_fill_(masks[i].to(at::kBool), object_ids[i].item<std::int64_t>());
  return ids;
}

NaiveLoader::NaiveLoader(const BlobStore& store,
                         std::vector<ExampleRef> refs,
                         std::shared_ptr<const Order> order,
                         NaiveLoaderOptions options,
                         Normalisation normalisation,
                         std::uint64_t seed)
    : store_(store),
      refs_(std::move(refs)),
      order_(std::move(order)),
      options_(std::move(options)),
      normalisation_(std::move(normalisation)),
      seed_(seed) {}

Batch NaiveLoader::next() {
  const CropOptions& crop = options_.loader.crop;
  const std::int64_t size = crop.size_px, bands = std::ssize(kModelBands);
  Batch batch;
  std::vector<at::Tensor> planes, maps, ignored;
  for (int row = 0; row < options_.loader.batch; ++row, ++samples_) {
    const std::int64_t epoch = samples_ / order_->size(), position = samples_ % order_->size();
    const ExampleRef& ref = refs_[static_cast<std::size_t>(order_->at(epoch, position))];
    const std::vector<std::uint8_t> file = store_.get(ref.uri);
    const Example example =
        options_.naive_decoding ? decode_naively(file) : open_tile(file, ref, false);
    planes.push_back(at::empty({bands, size, size}));
    maps.push_back(at::empty({size, size}, at::kInt));
    ignored.push_back(at::empty({size, size}, at::kBool));
    batch.labels.push_back(make_sample(example,
                                       crop,
                                       normalisation_,
                                       seed_,
                                       epoch,
                                       position,
                                       {planes.back().data_ptr<float>(),
                                        maps.back().data_ptr<std::int32_t>(),
                                        ignored.back().data_ptr<bool>()}));
    batch.labels.back().tile_id = ref.tile_id;
  }
  batch.planes = at::stack(planes);
  batch.id_maps = at::stack(maps);
  batch.ignore = at::stack(ignored);
  return batch;
}

}  // namespace canopy
