// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_files.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/threads.h"
#include "eval/coco_entries.h"
#include "eval/rle_outline.h"

namespace canopy {
namespace {

using Entries = std::vector<CocoEntry>;

template <class Value>
const Value& required(const std::optional<Value>& value, const char* name) {
  require(value.has_value(), [&] { return std::string("has no ") + name + "; add it"; });
  return *value;
}

/// Runs `work` on an entry; what it throws gets the file's name and the entry's.
template <class Work>
auto with_context(const std::filesystem::path& file,
                  const char* list,
                  std::size_t place,
                  const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw add_context(file.string() + ": " + list + "[" + std::to_string(place) + "]", error);
  }
}

CocoBox box_of(const CocoEntry& entry) {
  const std::vector<double>& box = entry.box;
  require(box.size() == 4, [&] {
    return "has a bbox of " + std::to_string(box.size()) +
           " numbers; give four: x, y, width, height";
  });
  return {box[0], box[1], box[2], box[3]};
}

/// The mask that pycocotools gives a result without one.
CocoShape outline_of(const CocoBox& box) {
  const double right = box.x + box.width, bottom = box.y + box.height;
  CocoShape shape;
  shape.form = CocoShape::Form::Outlines;
  shape.outlines = {{box.x, box.y, box.x, bottom, right, bottom, right, box.y}};
  return shape;
}

Rle mask_of_outlines(const std::vector<std::vector<double>>& outlines, int height, int width) {
  require(!outlines.empty(), [] { return "has a segmentation without outlines; give some"; });
  Rle mask = rle_of_outline(outlines[0], height, width);
  for (std::size_t i = 1; i < outlines.size(); ++i)
    mask = union_of(mask, rle_of_outline(outlines[i], height, width));
  return mask;
}

/// One image of the truth and which entries are about it.
struct Image {
  std::int64_t id = 0;
  std::optional<std::int64_t> height, width;
  std::vector<std::size_t> annotations = {}, results = {};

  Rle mask(const CocoShape& shape) const {
    const auto is_side = [](const std::optional<std::int64_t>& side) {
      return side && *side > 0 && *side < std::numeric_limits<int>::max();
    };
    require(is_side(height) && is_side(width) &&
                *height * *width <= std::numeric_limits<std::uint32_t>::max(),
            [&] {
              return "cannot have a mask, since image " + std::to_string(id) +
                     " has no width and height, or none below 2^32 pixels; give them in the truth";
            });
    const int h = static_cast<int>(*height), w = static_cast<int>(*width);
    if (shape.form == CocoShape::Form::Outlines) return mask_of_outlines(shape.outlines, h, w);
    require(shape.size == std::vector<std::int64_t>{h, w}, [&] {
      return "has a mask that is not of image " + std::to_string(id) +
             "'s size; its segmentation must have \"size\": [" + std::to_string(h) + ", " +
             std::to_string(w) + "] (height, width)";
    });
    return shape.form == CocoShape::Form::Text ? rle_from_compressed(shape.text, h, w)
                                               : rle_from_counts(shape.runs, h, w);
  }
};

class CaseReader {
 public:
  CaseReader(const std::filesystem::path& truth_file,
             const std::filesystem::path& results_file,
             Overlap kind,
             int threads)
      : truth_file_(truth_file), results_file_(results_file), kind_(kind), threads_(threads) {
    const CocoFields fields = kind == Overlap::Mask ? CocoFields::Masks : CocoFields::Boxes;
    parallel_for(2, threads, [&](std::int64_t file) {
      if (file == 0)
        results_ = read_coco_results(results_file, fields);
      else
        truth_ = read_coco_truth(truth_file, fields);
    });
    results_have_boxes_ = !results_.empty() && !results_.front().box.empty();
  }

  CocoCase read() {
    place_images();
    place_annotations();
    place_results();
    case_.scenes.resize(images_.size());
    parallel_for(std::ssize(images_), threads_, [&](std::int64_t i) {
      case_.scenes[i] = scene_of(images_[i]);
    });
    return std::move(case_);
  }

 private:
  void place_images() {
    require(!truth_.images.empty() && !truth_.categories.empty(), [&] {
      return truth_file_.string() + ": has no " +
             (truth_.images.empty() ? "images" : "categories") +
             "; a COCO truth lists them beside its annotations";
    });
    for (std::size_t i = 0; i < truth_.categories.size(); ++i)
      with_context(truth_file_, "categories", i, [&] {
        case_.categories.push_back(required(truth_.categories[i].id, "id"));
      });
    std::ranges::sort(case_.categories);
    const auto rest = std::ranges::unique(case_.categories);
    case_.categories.erase(rest.begin(), rest.end());
    for (std::size_t i = 0; i < truth_.images.size(); ++i)
      with_context(truth_file_, "images", i, [&] {
        const CocoEntry& image = truth_.images[i];
        images_.push_back({required(image.id, "id"), image.height, image.width});
      });
    std::ranges::sort(images_, {}, &Image::id);
    for (std::size_t i = 0; i < images_.size(); ++i)
      require(place_of_image_.emplace(images_[i].id, i).second, [&] {
        return truth_file_.string() + ": image " + std::to_string(images_[i].id) +
               " is there twice; give every image its own id";
      });
  }

  /// Where it stands among the sorted categories, if it does.
  std::optional<int> category_of(const CocoEntry& entry) const {
    const std::int64_t id = required(entry.category_id, "category_id");
    const auto at = std::ranges::lower_bound(case_.categories, id);
    if (at == case_.categories.end() || *at != id) return {};
    return static_cast<int>(at - case_.categories.begin());
  }

  void place_annotations() {
    std::unordered_set<std::int64_t> ids;
    std::int64_t left_out = 0;
    for (std::size_t i = 0; i < truth_.annotations.size(); ++i)
      with_context(truth_file_, "annotations", i, [&] {
        const CocoEntry& entry = truth_.annotations[i];
        require(!entry.id || ids.insert(*entry.id).second, [&] {
          return "has id " + std::to_string(*entry.id) +
                 " like one before it; give every annotation its own";
        });
        const auto image = place_of_image_.find(required(entry.image_id, "image_id"));
        if (!category_of(entry) || image == place_of_image_.end())
          ++left_out;
        else
          images_[image->second].annotations.push_back(i);
      });
    case_.truths = std::ssize(truth_.annotations) - left_out;
    if (left_out > 0)
      case_.notes.push_back(truth_file_.string() + ": " + std::to_string(left_out) +
                            " annotations are of images or categories that are not listed; they "
                            "are left out");
    if (ids.contains(0))
      case_.notes.push_back(truth_file_.string() +
                            ": what matches the annotation with id 0 counts as wrong, as in "
                            "pycocotools; number annotations from 1");
  }

  void place_results() {
    std::int64_t left_out = 0;
    for (std::size_t i = 0; i < results_.size(); ++i)
      with_context(results_file_, "results", i, [&] {
        const CocoEntry& entry = results_[i];
        const std::int64_t id = required(entry.image_id, "image_id");
        const auto image = place_of_image_.find(id);
        require(image != place_of_image_.end(), [&] {
          return "is of image " + std::to_string(id) + ", which " + truth_file_.string() +
                 " does not list; give the truth that these results are for";
        });
        if (category_of(entry))
          images_[image->second].results.push_back(i);
        else
          ++left_out;
      });
    case_.results = std::ssize(results_) - left_out;
    if (left_out > 0)
      case_.notes.push_back(results_file_.string() + ": " + std::to_string(left_out) +
                            " results are of categories that the truth does not list; they are "
                            "left out");
  }

  Scene scene_of(const Image& image) const {
    Scene scene;
    scene.name = "image " + std::to_string(image.id);
    for (const std::size_t i : image.annotations)
      scene.truth.push_back(with_context(
          truth_file_, "annotations", i, [&] { return truth_tree(truth_.annotations[i], image); }));
    for (const std::size_t i : image.results)
      scene.found.push_back(with_context(
          results_file_, "results", i, [&] { return found_tree(results_[i], image); }));
    return scene;
  }

  TruthTree truth_tree(const CocoEntry& entry, const Image& image) const {
    TruthTree tree;
    if (kind_ == Overlap::Box) {
      tree.box = box_of(entry);
    } else {
      require(entry.shape.form != CocoShape::Form::None,
              [] { return "has no segmentation; add one, or compare boxes"; });
      tree.mask = image.mask(entry.shape);
    }
    tree.area_px = required(entry.area, "area");
    tree.category = *category_of(entry);
    tree.is_crowd = entry.is_crowd;
    tree.is_number_zero = entry.id == 0;
    return tree;
  }

  FoundTree found_tree(const CocoEntry& entry, const Image& image) const {
    FoundTree tree;
    tree.score = required(entry.score, "score");
    tree.category = *category_of(entry);
    const bool has_mask = entry.shape.form != CocoShape::Form::None;
    if (results_have_boxes_) {
      tree.box = box_of(entry);
      tree.area_px = tree.box.width * tree.box.height;
      if (kind_ == Overlap::Mask)
        tree.mask = image.mask(has_mask ? entry.shape : outline_of(tree.box));
      return tree;
    }
    require(has_mask, [] {
      return "has neither segmentation nor, like the first result, bbox; give all results one of "
             "them";
    });
    tree.mask = image.mask(entry.shape);
    tree.box = entry.box.empty() ? canopy::box_of(tree.mask) : box_of(entry);
    tree.area_px = static_cast<double>(area_px(tree.mask));
    return tree;
  }

  const std::filesystem::path truth_file_, results_file_;
  const Overlap kind_;
  const int threads_;
  CocoTruth truth_;
  Entries results_;
  bool results_have_boxes_ = false;
  std::vector<Image> images_;  ///< by ascending id, as COCO sorts equal scores
  std::unordered_map<std::int64_t, std::size_t> place_of_image_;
  CocoCase case_;
};

}  // namespace

CocoCase read_coco_case(const std::filesystem::path& truth,
                        const std::filesystem::path& results,
                        Overlap kind,
                        int threads) {
  return CaseReader(truth, results, kind, threads).read();
}

}  // namespace canopy
