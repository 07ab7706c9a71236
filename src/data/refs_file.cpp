// SPDX-License-Identifier: Apache-2.0
#include "data/refs_file.h"

#include <charconv>
#include <initializer_list>
#include <map>
#include <sstream>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

constexpr char kDataset[] = "# dataset";

void require_plain(std::initializer_list<const std::string*> cells) {
  for (const std::string* cell : cells)
    require(cell->find_first_of("\t\r\n") == std::string::npos,
            [&] { return "'" + *cell + "' holds a tab or a line break and cannot be listed"; });
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t')
      cells.emplace_back();
    else if (c != '\r')
      cells.back().push_back(c);
  }
  return cells;
}

template <class Number>
Number number(const std::string& text, const std::string& where, const char* column) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(error == std::errc() && end == text.data() + text.size(),
          [&] { return where + ": '" + text + "' is no number for " + column; });
  return value;
}

}  // namespace

RefsFile read_refs_file(const std::filesystem::path& path) {
  std::istringstream text(read_file(path));
  RefsFile list;
  std::string line;
  std::size_t row = 1;
  for (std::getline(text, line); line.starts_with('#'); ++row, std::getline(text, line)) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 3 || cells[0] != kDataset) continue;
    list.dataset = cells[1];
    list.dataset_id = cells[2];
  }
  std::map<std::string, std::size_t> columns;
  for (const std::string& name : cells_of(line)) columns.emplace(name, columns.size());
  for (const char* needed : {"tile_id", "uri", "split"})
    require(columns.contains(needed), [&] {
      return path.string() + ":" + std::to_string(row) + ": the column '" + needed +
             "' is missing; write the list with 'canopy dataset export DATASET --refs FILE'";
    });
  while (std::getline(text, line)) {
    ++row;
    if (line.empty()) continue;
    const std::string where = path.string() + ":" + std::to_string(row);
    const std::vector<std::string> cells = cells_of(line);
    require(cells.size() == columns.size(), [&] {
      return where + ": " + std::to_string(cells.size()) + " columns, the line of names has " +
             std::to_string(columns.size());
    });
    const auto cell = [&](const char* name) {
      const auto at = columns.find(name);
      return at == columns.end() ? std::string() : cells[at->second];
    };
    ExampleRef ref{cell("tile_id"), cell("uri"), 0, cell("split"), cell("label_kind"), 1};
    if (!cell("bytes").empty()) ref.bytes = number<std::int64_t>(cell("bytes"), where, "bytes");
    if (!cell("weight").empty()) ref.weight = number<double>(cell("weight"), where, "weight");
    list.refs.push_back(std::move(ref));
  }
  return list;
}

void write_refs_file(const std::filesystem::path& path, const RefsFile& list) {
  require_plain({&list.dataset, &list.dataset_id});
  std::string text;
  if (!list.dataset_id.empty())
    text = std::string(kDataset) + '\t' + list.dataset + '\t' + list.dataset_id + '\n';
  text += "tile_id\turi\tbytes\tsplit\tlabel_kind\tweight\n";
  for (const ExampleRef& ref : list.refs) {
    require_plain({&ref.tile_id, &ref.uri, &ref.split, &ref.label_kind});
    char weight[32];
    const auto end = std::to_chars(weight, weight + sizeof weight, ref.weight).ptr;
    text += ref.tile_id + '\t' + ref.uri + '\t' + std::to_string(ref.bytes) + '\t' + ref.split +
            '\t' + ref.label_kind + '\t' + std::string(weight, end) + '\n';
  }
  write_file(path, text);
}

}  // namespace canopy
