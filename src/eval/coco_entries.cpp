// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_entries.h"

#include <cmath>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

using nlohmann::json;
using Entries = std::vector<CocoEntry>;

/// What an open object or list is.
enum class Place { Document, Root, List, Entry, Box, Outlines, Outline, Runs, Size, Counts, Other };

enum class Key {
  Other,
  Images,
  Categories,
  Annotations,
  Id,
  ImageId,
  CategoryId,
  Width,
  Height,
  Area,
  Score,
  IsCrowd,
  Box,
  Shape,
  Size,
  Counts
};

struct KnownKey {
  Place in;
  std::string_view name;
  Key key;
  const char* takes;
};
constexpr KnownKey kKeys[] = {
    {Place::Root, "images", Key::Images, "a list"},
    {Place::Root, "categories", Key::Categories, "a list"},
    {Place::Root, "annotations", Key::Annotations, "a list"},
    {Place::Entry, "id", Key::Id, "a whole number"},
    {Place::Entry, "image_id", Key::ImageId, "a whole number"},
    {Place::Entry, "category_id", Key::CategoryId, "a whole number"},
    {Place::Entry, "width", Key::Width, "a whole number"},
    {Place::Entry, "height", Key::Height, "a whole number"},
    {Place::Entry, "area", Key::Area, "a number"},
    {Place::Entry, "score", Key::Score, "a number"},
    {Place::Entry, "iscrowd", Key::IsCrowd, "0 or 1"},
    {Place::Entry, "bbox", Key::Box, "a list of four numbers: x, y, width, height"},
    {Place::Entry, "segmentation", Key::Shape, "outlines [[x, y, ...], ...] or {size, counts}"},
    {Place::Runs, "size", Key::Size, "[height, width]"},
    {Place::Runs, "counts", Key::Counts, "whole numbers, or their compressed text"}};
constexpr KnownKey kOtherKey = {Place::Other, "", Key::Other, ""};

/// Told of every token by nlohmann's parser. The stack says what is open; a value's meaning follows
/// from the innermost of them and, in an object, from the key before it.
class EntryReader {
 public:
  EntryReader(std::string file, CocoFields fields, CocoTruth& truth)
      : file_(std::move(file)), fields_(fields), truth_(&truth) {}
  EntryReader(std::string file, CocoFields fields, Entries& results)
      : file_(std::move(file)), fields_(fields), list_(&results) {}

  bool null() { return place() == Place::Entry || pass_over(); }
  bool boolean(bool value) {
    if (place() != Place::Entry || key_->key != Key::IsCrowd) return pass_over();
    entry().is_crowd = value;
    return true;
  }
  bool number_integer(std::int64_t value) { return number(static_cast<double>(value), value); }
  bool number_unsigned(std::uint64_t value) {
    if (std::in_range<std::int64_t>(value)) return number_integer(static_cast<std::int64_t>(value));
    return number(static_cast<double>(value), {});
  }
  bool number_float(double value, const std::string&) {
    if (value == std::floor(value) && std::abs(value) < 0x1p53)
      return number(value, static_cast<std::int64_t>(value));
    return number(value, {});
  }
  bool string(std::string& value) {
    if (place() != Place::Runs || key_->key != Key::Counts) return pass_over();
    entry().shape.form = CocoShape::Form::Text;
    entry().shape.text = std::move(value);
    return true;
  }
  bool binary(json::binary_t&) { return pass_over(); }

  bool key(const std::string& name) {
    key_ = &kOtherKey;
    for (const KnownKey& known : kKeys)
      if (known.in == place() && known.name == name) key_ = &known;
    return true;
  }
  bool start_object(std::size_t) {
    open_.push_back(opened_object());
    return true;
  }
  bool start_array(std::size_t) {
    open_.push_back(opened_list());
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t byte, const std::string&, const json::exception&) {
    throw Error(Fault::User,
                file_ + ": is not JSON (near byte " + std::to_string(byte) + "); is it whole?");
  }

 private:
  Place place() const { return open_.back(); }
  CocoEntry& entry() { return list_->back(); }

  /// A value that nobody asks for; in any other place it is of the wrong type.
  bool pass_over() const {
    const bool is_named =
        place() == Place::Root || place() == Place::Entry || place() == Place::Runs;
    if (place() != Place::Other && !(is_named && key_->key == Key::Other)) refuse();
    return true;
  }

  [[noreturn]] void refuse() const {
    std::string what = std::string(key_->name) + " must be " + key_->takes;
    if (place() == Place::Document)
      what = truth_ ? "a COCO truth must be an object with images, categories and annotations"
                    : "COCO results must be a list of {image_id, category_id, score, ...}";
    else if (place() == Place::List)
      what = list_name_ + "[" + std::to_string(list_->size()) + "] must be an object";
    else if (place() != Place::Root)
      what = list_name_ + "[" + std::to_string(list_->size() - 1) + "]: " + what;
    throw Error(Fault::User, file_ + ": " + what);
  }

  bool number(double value, std::optional<std::int64_t> whole) {
    switch (place()) {
      case Place::Entry:
        set_field(value, whole);
        return true;
      case Place::Box:
        entry().box.push_back(value);
        return true;
      case Place::Outline:
        entry().shape.outlines.back().push_back(value);
        return true;
      case Place::Size:
        entry().shape.size.push_back(required(whole));
        return true;
      case Place::Counts:
        entry().shape.runs.push_back(required(whole));
        return true;
      default:
        return pass_over();
    }
  }

  std::int64_t required(std::optional<std::int64_t> whole) const {
    if (!whole) refuse();
    return *whole;
  }

  void set_field(double value, std::optional<std::int64_t> whole) {
    switch (key_->key) {
      case Key::Id:
        entry().id = required(whole);
        break;
      case Key::ImageId:
        entry().image_id = required(whole);
        break;
      case Key::CategoryId:
        entry().category_id = required(whole);
        break;
      case Key::Width:
        entry().width = required(whole);
        break;
      case Key::Height:
        entry().height = required(whole);
        break;
      case Key::Area:
        entry().area = value;
        break;
      case Key::Score:
        entry().score = value;
        break;
      case Key::IsCrowd:
        entry().is_crowd = value != 0;
        break;
      default:
        pass_over();
    }
  }

  bool wants_shape() const {
    const bool is_first_result = truth_ == nullptr && list_->size() == 1;
    return fields_ == CocoFields::Masks || is_first_result ||
           (truth_ == nullptr && list_->front().box.empty());
  }

  Place opened_object() {
    if (place() == Place::Document && truth_) return Place::Root;
    if (place() == Place::List) {
      list_->emplace_back();
      return Place::Entry;
    }
    if (place() == Place::Entry && key_->key == Key::Shape) {
      if (!wants_shape()) return Place::Other;
      entry().shape = {};
      return Place::Runs;
    }
    pass_over();
    return Place::Other;
  }

  Place opened_list() {
    if (place() == Place::Document && !truth_) return Place::List;
    if (place() == Place::Outlines) {
      entry().shape.outlines.emplace_back();
      return Place::Outline;
    }
    switch (key_->in == place() ? key_->key : Key::Other) {
      case Key::Images:
        return opened_list_of(truth_->images);
      case Key::Categories:
        return opened_list_of(truth_->categories);
      case Key::Annotations:
        return opened_list_of(truth_->annotations);
      case Key::Box:
        entry().box.clear();
        return Place::Box;
      case Key::Size:
        entry().shape.size.clear();
        return Place::Size;
      case Key::Counts:
        entry().shape.form = CocoShape::Form::Runs;
        entry().shape.runs.clear();
        return Place::Counts;
      case Key::Shape:
        if (!wants_shape()) return Place::Other;
        entry().shape = {};
        entry().shape.form = CocoShape::Form::Outlines;
        return Place::Outlines;
      default:
        pass_over();
        return Place::Other;
    }
  }

  Place opened_list_of(Entries& entries) {
    entries.clear();
    list_ = &entries;
    list_name_ = key_->name;
    return Place::List;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const std::string file_;
  const CocoFields fields_;
  CocoTruth* const truth_ = nullptr;  ///< null: the file is a list of results
  Entries* list_ = nullptr;           ///< the one being filled; its last entry is the open one
  std::string list_name_ = "results";
  std::vector<Place> open_ = {Place::Document};
  const KnownKey* key_ = &kOtherKey;
};

}  // namespace

CocoTruth read_coco_truth(const std::filesystem::path& path, CocoFields fields) {
  CocoTruth truth;
  EntryReader reader(path.string(), fields, truth);
  json::sax_parse(read_file(path), &reader);
  return truth;
}

std::vector<CocoEntry> read_coco_results(const std::filesystem::path& path, CocoFields fields) {
  Entries results;
  EntryReader reader(path.string(), fields, results);
  json::sax_parse(read_file(path), &reader);
  return results;
}

}  // namespace canopy
