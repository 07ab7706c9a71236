// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/slab.h"

// One tile: planes, place and labels; all that one example file holds (docs/formats.md, "Example
// file", schema 1). The file is one gzip member around one serialized tf.train.Example, so
// TensorFlow reads it with two calls:
//   tf.train.Example.FromString(tf.io.decode_compressed(bytes, 'GZIP').numpy())
// Features are written in key order and gzip carries no time stamp: the same content gives the same
// bytes, and the SHA-256 of the uncompressed bytes is the tile's name.

namespace canopy {

enum class SampleType { UInt8, UInt16, Float32 };
const char* name_of(SampleType type);
int bytes_of(SampleType type);
/// Throws User for a name that is none of uint8, uint16, float32.
SampleType sample_type(const std::string& name);

/// The names that a band may have.
const std::vector<std::string>& canonical_bands();

enum class LabelKind { None, Mask, Box, Point };
const char* name_of(LabelKind kind);
LabelKind label_kind(const std::string& name);

enum class ObjectClass : std::int64_t { Tree = 1, DeadTree = 2 };

/// "tree", "dead_tree".
const char* name_of(ObjectClass label);

/// One labelled tree. Coordinates are pixels of the tile, (0, 0) the outer corner of the top left
/// pixel.
struct LabelledObject {
  float xmin = 0, ymin = 0, xmax = 0, ymax = 0;  ///< for a point: all the same point
  ObjectClass label = ObjectClass::Tree;
  bool is_crowd = false;
};

struct Example {
  int height = 0, width = 0;
  std::vector<std::string> bands;
  std::vector<SampleType> types;  ///< one per band
  /// One per band, or empty: reflectance = value * scale + offset.
  std::vector<float> scale, offset;
  /// One per band: H*W samples, row-major, little-endian.
  std::vector<Plane> planes;
  std::vector<bool> valid;  ///< H*W, or empty: all valid
  double gsd_m = 0;
  std::string crs;                ///< "EPSG:..." or WKT; may be empty
  std::vector<double> transform;  ///< 6 numbers, GDAL order, or empty
  std::string source_id, filename;
  LabelKind kind = LabelKind::None;
  std::vector<LabelledObject> objects;
  /// H*W: 0 background, k the k-th object; empty unless kind is Mask.
  std::vector<std::uint16_t> id_map;
  std::vector<bool> ignore;  ///< H*W, or empty: regions that neither help nor hurt
};

/// An example as one tf.train.Example, before compression.
struct SerializedExample {
  std::string tile_id;  ///< SHA-256 of the bytes
  /// SHA-256 of the image features alone, serialized by themselves: the same picture under any
  /// labels. They are image/{height, width, bands, dtype, scale, offset, planes, valid, gsd_m,
  /// geo}; not the schema, names of files, label kind, objects and ignore regions.
  std::string tile_key;
  std::vector<std::uint8_t> bytes;
};

/// An example as it is stored: the same names, and the gzip member.
struct EncodedExample {
  std::string tile_id, tile_key;
  std::vector<std::uint8_t> bytes;
};

/// Throws User when sizes, names or counts disagree. What says nothing is left out: a `valid` that
/// is all true, an `ignore` that is all false, a gsd_m of 0, empty texts. gsd_m, scale and offset,
/// and coordinates over the tile's size, are stored as 32-bit floats, as TensorFlow has them; the
/// transform keeps its doubles.
SerializedExample serialize(const Example& example);
/// `serialize`, then gzip: nearly all of the time goes there, so ask the store for the name first
/// where the file may exist.
EncodedExample encode(const Example& example);

/// Throws User, naming the feature that is missing, of the wrong kind or of the wrong size; bounds
/// memory by `max_bytes` of uncompressed data, so that a small hostile file cannot fill the
/// machine. The planes lie where they were inflated (store/slab.h); nothing is copied.
Example decode(std::span<const std::uint8_t> gzip_bytes,
               std::size_t max_bytes = std::size_t{1} << 30);

/// The uncompressed tf.train.Example, whose SHA-256 is the tile_id: what holds a file against its
/// name. Bounded as `decode` is.
std::vector<std::uint8_t> inflate(std::span<const std::uint8_t> gzip_bytes,
                                  std::size_t max_bytes = std::size_t{1} << 30);

/// `decode` for bytes that are inflated already. The planes lie among them when `owner` keeps them,
/// and are copied otherwise.
Example parse_example(std::span<std::uint8_t> serialized,
                      const std::shared_ptr<std::uint8_t>& owner);
Example parse_example(std::span<const std::uint8_t> serialized);

/// Where a tile lies below its store: "ab/cdef....example.gz" for the tile "abcdef...".
std::string example_path(const std::string& tile_id);

}  // namespace canopy
