// SPDX-License-Identifier: Apache-2.0
#include "data/refs_file.h"

#include <charconv>
#include <map>
#include <sstream>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

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

std::vector<ExampleRef> read_refs_file(const std::filesystem::path& path) {
  std::istringstream text(read_file(path));
  std::string line;
  std::map<std::string, std::size_t> columns;
  std::getline(text, line);
  for (const std::string& name : cells_of(line)) columns.emplace(name, columns.size());
  for (const char* needed : {"tile_id", "uri", "split"})
    require(columns.contains(needed), [&] {
      return path.string() + ":1: the column '" + needed +
             "' is missing; write the list with `canopy dataset export --refs`";
    });
  std::vector<ExampleRef> refs;
  for (std::size_t row = 2; std::getline(text, line); ++row) {
    if (line.empty()) continue;
    const std::string where = path.string() + ":" + std::to_string(row);
    const std::vector<std::string> cells = cells_of(line);
    require(cells.size() == columns.size(), [&] {
      return where + ": " + std::to_string(cells.size()) + " columns, the first line names " +
             std::to_string(columns.size());
    });
    const auto cell = [&](const char* name) {
      const auto at = columns.find(name);
      return at == columns.end() ? std::string() : cells[at->second];
    };
    ExampleRef ref{cell("tile_id"), cell("uri"), 0, cell("split"), cell("label_kind"), 1};
    if (!cell("bytes").empty()) ref.bytes = number<std::int64_t>(cell("bytes"), where, "bytes");
    if (!cell("weight").empty()) ref.weight = number<double>(cell("weight"), where, "weight");
    refs.push_back(std::move(ref));
  }
  return refs;
}

void write_refs_file(const std::filesystem::path& path, std::span<const ExampleRef> refs) {
  std::string text = "tile_id\turi\tbytes\tsplit\tlabel_kind\tweight\n";
  for (const ExampleRef& ref : refs) {
    for (const std::string* cell : {&ref.tile_id, &ref.uri, &ref.split, &ref.label_kind})
      require(cell->find_first_of("\t\r\n") == std::string::npos,
              [&] { return "'" + *cell + "' holds a tab or a line break and cannot be listed"; });
    char weight[32];
    const auto end = std::to_chars(weight, weight + sizeof weight, ref.weight).ptr;
    text += ref.tile_id + '\t' + ref.uri + '\t' + std::to_string(ref.bytes) + '\t' + ref.split +
            '\t' + ref.label_kind + '\t' + std::string(weight, end) + '\n';
  }
  write_file(path, text);
}

}  // namespace canopy
