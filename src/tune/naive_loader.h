// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "data/loader.h"

// For `bench ladder` alone: the loader that one writes first, so that what each improvement brings
// can be measured. zlib into a growing string; a parser that knows nothing of tiles and copies
// every feature into a map; one thread, which makes a batch when it is asked for one. Its crops are
// those of data/loader.h, and so are its batches, to the bit.

namespace canopy {

/// The example in a gzip member, by zlib and a general parser of tf.train.Example. Masks, boxes and
/// planes alone: what crops are made of. Throws User for what is no such file.
Example decode_naively(std::span<const std::uint8_t> file);

/// A mask an object: uint8 [N, H, W], from an id map [H, W] and the objects' ids.
at::Tensor dense_masks(const at::Tensor& id_map, const at::Tensor& object_ids);
/// Back: int32 [H, W].
at::Tensor id_map_of(const at::Tensor& masks, const at::Tensor& object_ids);

struct NaiveLoaderOptions {
  bool naive_decoding = true;
  LoaderOptions loader = {};
};

class NaiveLoader {
 public:
  NaiveLoader(const BlobStore& store,
              std::vector<ExampleRef> refs,
              std::shared_ptr<const Order> order,
              NaiveLoaderOptions options,
              Normalisation normalisation,
              std::uint64_t seed);
  Batch next();

 private:
  const BlobStore& store_;
  const std::vector<ExampleRef> refs_;
  const std::shared_ptr<const Order> order_;
  const NaiveLoaderOptions options_;
  const Normalisation normalisation_;
  const std::uint64_t seed_;
  std::int64_t samples_ = 0;
};

}  // namespace canopy
