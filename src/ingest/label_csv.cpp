// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "ingest/label_formats.h"

namespace canopy {
namespace {

struct Line {
  std::size_t number = 0;
  std::vector<std::string> cells;
};

/// RFC 4180; empty lines are left out, a byte order mark too.
std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  Line line{1, {""}};
  bool is_quoted = false;
  std::size_t number = 1;
  const auto end_line = [&] {
    if (line.cells.size() > 1 || !line.cells[0].empty()) lines.push_back(std::move(line));
    line = {number, {""}};
  };
  for (std::size_t i = text.rfind("\xef\xbb\xbf", 0) == 0 ? 3 : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++number;
    if (is_quoted) {
      if (c != '"')
        line.cells.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        line.cells.back() += text[++i];
      else
        is_quoted = false;
    } else if (c == '"') {
      is_quoted = true;
    } else if (c == ',') {
      line.cells.emplace_back();
    } else if (c == '\n') {
      end_line();
    } else if (c != '\r') {
      line.cells.back() += c;
    }
  }
  end_line();
  return lines;
}

std::string lower_trimmed(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

class Columns {
 public:
  Columns(const std::filesystem::path& path, const Line& header) {
    for (std::size_t i = 0; i < header.cells.size(); ++i)
      places_.emplace(lower_trimmed(header.cells[i]), i);
    image_ = first_of({"image_path", "image", "filename", "file_name", "file"});
    class_ = first_of({"label", "class", "class_name", "name"});
    for (const char* name : {"xmin", "ymin", "xmax", "ymax"}) box_.push_back(first_of({name}));
    point_ = {first_of({"x"}), first_of({"y"})};
    has_boxes_ =
        std::all_of(box_.begin(), box_.end(), [](const auto& place) { return place.has_value(); });
    require(image_ && (has_boxes_ || (point_[0] && point_[1])), [&] {
      return path.string() +
             ": its first line must name the columns: image_path,xmin,ymin,xmax,ymax,label for "
             "boxes, or image,x,y "
             "for points";
    });
  }
  std::string image(const Line& line) const {
    return std::filesystem::path(cell(line, image_)).filename().string();
  }
  RawLabel label(const Line& line) const {
    RawLabel label;
    label.name = "line " + std::to_string(line.number);
    label.class_word = class_ ? cell(line, class_) : "";
    try {
      if (has_boxes_) {
        label.shape = Label::Shape::Box;
        label.box = {number(line, box_[0]),
                     number(line, box_[1]),
                     number(line, box_[2]),
                     number(line, box_[3])};
      } else {
        label.shape = Label::Shape::Point;
        const double x = number(line, point_[0]), y = number(line, point_[1]);
        label.box = {x, y, x, y};
      }
    } catch (const Error& error) {
      label.problem = error.what();
    }
    return label;
  }

 private:
  using Place = std::optional<std::size_t>;
  Place first_of(std::initializer_list<const char*> names) const {
    for (const char* name : names)
      if (const auto found = places_.find(name); found != places_.end()) return found->second;
    return std::nullopt;
  }
  static std::string cell(const Line& line, const Place& place) {
    return *place < line.cells.size() ? line.cells[*place] : "";
  }
  static double number(const Line& line, const Place& place) {
    std::string text = cell(line, place);
    text.erase(0, text.find_first_not_of(" \t"));
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    require(code == std::errc() &&
                text.find_first_not_of(" \t", static_cast<std::size_t>(end - text.data())) ==
                    std::string::npos,
            [&] { return "holds '" + text + "' where a number is expected"; });
    return value;
  }

  std::map<std::string, std::size_t> places_;
  Place image_, class_;
  std::vector<Place> box_, point_;
  bool has_boxes_ = false;
};

}  // namespace

RawLabels read_csv_labels(const std::filesystem::path& path, const PictureFrame& picture) {
  const std::vector<Line> lines = lines_of(read_file(path));
  RawLabels raw;
  raw.format = "CSV";
  if (lines.empty()) return raw;
  const Columns columns(path, lines[0]);
  if (lines.size() == 1) return raw;
  std::vector<std::string> names;
  for (auto line = lines.begin() + 1; line != lines.end(); ++line) {
    std::string name = columns.image(*line);
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  const int found = find_picture(names, picture);
  if (found < 0) refuse_unknown_picture(path, names, picture);
  for (auto line = lines.begin() + 1; line != lines.end(); ++line)
    if (columns.image(*line) == names[static_cast<std::size_t>(found)])
      raw.labels.push_back(columns.label(*line));
  return raw;
}

}  // namespace canopy
