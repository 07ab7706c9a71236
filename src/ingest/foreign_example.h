// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "ingest/label_set.h"
#include "store/example.h"
#include "store/tf_example.h"

// A tf.train.Example of somebody else as an example of ours. The names are those of the TensorFlow
// Object Detection API:
//
//   image/encoded                    PNG, JPEG or TIFF, as the file's bytes
//   image/filename, image/source_id  text
//   image/object/bbox/{xmin,xmax,ymin,ymax}   over the picture's size
//   image/object/class/text, label   a word of label_class.h, or 1 tree, 2 dead tree
//   image/object/mask                one PNG an object: where it is not 0
//   image/object/is_crowd, group_of  1: several trees
//
// Where masks overlap, the smaller object has the pixel. Boxes reaching beyond the picture are cut
// to it. An example of ours (with canopy/schema) is taken as it is.

namespace canopy {

struct ForeignOptions {
  std::vector<std::string> bands, tree_names;
  double gsd_m = 0;
  /// The key that stands for one of the names above, where it is another.
  std::map<std::string, std::string> keys = {};
};

/// The names above, all that `keys` may rename.
const std::vector<std::string>& foreign_keys();

struct ForeignExample {
  Example example;
  std::string source_sha256;  ///< of the encoded picture; of the planes' example for one of ours
  Complaints labels_skipped;  ///< no area, outside, an unknown class
};

/// Throws User: a feature that is missing or of another kind, a picture that cannot be read, lists
/// of different lengths.
ForeignExample read_foreign_example(ByteView serialized, const ForeignOptions& options);

}  // namespace canopy
