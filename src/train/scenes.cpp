// SPDX-License-Identifier: Apache-2.0
#include "train/scenes.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "base/error.h"
#include "nn/paste.h"

namespace canopy {

void leave_out_bands(const std::vector<std::string>& names, Example& example) {
  for (const std::string& name : names) {
    const auto& known = canonical_bands();
    require(std::ranges::find(known, name) != known.end(), [&] {
      std::string text = "'" + name + "' is no band; there are";
      for (const std::string& band : known) text += " " + band;
      return text;
    });
    const auto found = std::ranges::find(example.bands, name);
    if (found == example.bands.end()) continue;
    const std::ptrdiff_t at = found - example.bands.begin();
    example.bands.erase(found);
    example.types.erase(example.types.begin() + at);
    example.planes.erase(example.planes.begin() + at);
    if (!example.scale.empty()) example.scale.erase(example.scale.begin() + at);
    if (!example.offset.empty()) example.offset.erase(example.offset.begin() + at);
  }
}

Scene truth_of(const Example& example) {
  require(example.kind != LabelKind::None, [&] {
    return "tile " + example.filename +
           " has no labels to compare with; leave it out of the dataset (label_kind <> 'none')";
  });
  Scene scene;
  scene.name = example.filename;
  scene.has_points = example.kind == LabelKind::Point;
  std::vector<Rle> masks;
  if (example.kind == LabelKind::Mask) {
    const std::vector<std::int32_t> ids(example.id_map.begin(), example.id_map.end());
    masks = rles_of_id_map(
        ids, example.height, example.width, static_cast<int>(example.objects.size()));
  }
  for (std::size_t i = 0; i < example.objects.size(); ++i) {
    const LabelledObject& object = example.objects[i];
    TruthTree tree;
    tree.box = {object.xmin,
                object.ymin,
                static_cast<double>(object.xmax) - object.xmin,
                static_cast<double>(object.ymax) - object.ymin};
    tree.area_px = tree.box.width * tree.box.height;
    if (!masks.empty()) {
      tree.mask = std::move(masks[i]);
      tree.area_px = static_cast<double>(area_px(tree.mask));
      if (tree.area_px == 0) continue;  // wholly under others: no pixel is its own
    }
    tree.category = static_cast<int>(object.label);
    tree.is_crowd = object.is_crowd;
    scene.truth.push_back(std::move(tree));
  }
  if (!example.ignore.empty() || !example.valid.empty()) {
    std::vector<std::uint8_t> ignore(static_cast<std::size_t>(example.height) * example.width);
    for (std::size_t i = 0; i < ignore.size(); ++i)
      ignore[i] = (!example.ignore.empty() && example.ignore[i]) ||
                  (!example.valid.empty() && !example.valid[i]);
    scene.ignore = rle_of_mask(ignore, example.height, example.width);
  }
  return scene;
}

void add_found(const Instances& instances, double zoom, int height, int width, Scene& scene) {
  const at::Tensor boxes = (instances.boxes / zoom).to(at::kFloat).contiguous();
  const at::Tensor masks = instances.masks.to(at::kFloat).contiguous();
  const at::Tensor scores = instances.scores.to(at::kDouble).contiguous();
  const at::Tensor classes = instances.classes.contiguous();
  const int cells = static_cast<int>(masks.size(-1));
  std::vector<std::uint8_t> inside;
  for (std::int64_t i = 0; i < boxes.size(0); ++i) {
    const float* box = boxes.data_ptr<float>() + i * 4;
    const PastedMask pasted =
        paste_mask(masks.data_ptr<float>() + i * cells * cells, cells, box, height, width);
    inside.resize(pasted.probability.size());
    std::ranges::transform(pasted.probability, inside.begin(), [](float p) { return p >= 0.5f; });
    FoundTree tree;
    tree.box = {
        box[0], box[1], static_cast<double>(box[2]) - box[0], static_cast<double>(box[3]) - box[1]};
    tree.mask =
        rle_of_patch(inside, pasted.height, pasted.width, pasted.x0, pasted.y0, height, width);
    if (area_px(tree.mask) == 0) continue;
    tree.score = scores.data_ptr<double>()[i];
    tree.category = static_cast<int>(classes.data_ptr<std::int64_t>()[i]);
    scene.found.push_back(std::move(tree));
  }
}

}  // namespace canopy
