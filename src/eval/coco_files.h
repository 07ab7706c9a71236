// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "eval/scene.h"

// A COCO truth and a COCO results file (eval/coco_entries.h) made into scenes, so that
// `CocoEvaluation` says of them what pycocotools 2.0 says, also where its ways are its own:
//
//  - Sizes for the area ranges are `area` of a truth, and of the results the boxes' when the first
//    of them has a box, else the masks'; whatever is compared.
//  - A result without a mask is, as a mask, its box drawn as an outline. A result without a box has
//    the box of its mask.
//  - Several outlines are one mask, the pixels of any of them.
//  - Annotations of images or categories that the truth does not list, and results of such
//    categories, are left out. A result of such an image is refused.
//  - `iscrowd` makes a crowd; `ignore` does nothing.
//  - Matches with annotation number 0 do not count.
//
// What is left out, and a number 0, is told in `notes`. Unlike pycocotools' loader this one refuses
// images or annotations with one number twice, masks of another size than their picture's and runs
// that do not fill it, and takes an annotation without `iscrowd` for no crowd.

namespace canopy {

struct CocoCase {
  std::vector<Scene> scenes;             ///< every image of the truth, by ascending number
  std::vector<std::int64_t> categories;  ///< COCO's numbers; a scene's category is a place in here
  std::int64_t truths = 0, results = 0;  ///< those in the scenes
  std::vector<std::string> notes;        ///< a line for each peculiarity
};

/// Reads both, for comparing boxes or masks. Throws User with file, entry and remedy, NotFound for
/// a file that is not there. The files are read, and masks decoded, on up to `threads` threads.
CocoCase read_coco_case(const std::filesystem::path& truth,
                        const std::filesystem::path& results,
                        Overlap kind,
                        int threads);

}  // namespace canopy
