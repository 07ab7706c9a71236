// SPDX-License-Identifier: Apache-2.0
#include "catalog/saved_queries.h"

#include <algorithm>
#include <cctype>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/nearest.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

void require_name(const std::string& name) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  };
  require(!name.empty() && name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
              std::all_of(name.begin(), name.end(), plain),
          [&] { return "query name '" + name + "': use letters, digits, '-', '_' and '.'"; });
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

std::string read_query(const std::string& text_or_file) {
  // A long text is no name of a file; the system says so, and that is fine.
  std::error_code ignored;
  const bool is_there = fs::is_regular_file(text_or_file, ignored);
  const bool is_name =
      text_or_file.ends_with(".sql") && text_or_file.find('\n') == std::string::npos;
  if (!is_there && !is_name) return text_or_file;
  if (!is_there)
    throw Error(Fault::NotFound,
                "sql: there is no file '" + text_or_file + "'; give a file or the text of a query");
  std::string text = read_file(text_or_file);
  require(!is_blank(text), [&] { return text_or_file + ": is empty; write one SELECT into it"; });
  return text;
}

bool SavedQueries::save(const std::string& name, const std::string& sql, bool replace) const {
  require_name(name);
  require(!is_blank(sql), [&] { return "query '" + name + "' is empty; give one SELECT"; });
  const std::string text = sql.back() == '\n' ? sql : sql + "\n";
  const fs::path path = path_of(name);
  if (fs::exists(path) && read_file(path) == text) return false;
  const auto existing = replace ? AtomicFile::Existing::Replace : AtomicFile::Existing::Keep;
  if (!write_file(path, text, existing))
    throw Error(Fault::Conflict,
                path.string() + " holds another query; pass --overwrite to replace it");
  return true;
}

std::vector<SavedQuery> SavedQueries::list() const {
  std::vector<SavedQuery> all;
  if (!fs::is_directory(folder_)) return all;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
    if (entry.path().extension() == ".sql" && entry.is_regular_file() &&
        !is_temporary(entry.path()))
      all.push_back({entry.path().stem().string(), read_file(entry.path())});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

SavedQuery SavedQueries::find(const std::string& name) const {
  require_name(name);
  if (fs::is_regular_file(path_of(name))) return {name, read_file(path_of(name))};
  std::vector<std::string> names;
  for (const SavedQuery& query : list()) names.push_back(query.name);
  throw Error(Fault::NotFound,
              "query '" + name + "' is not in " + folder_.string() + suggestion(name, names) +
                  " (canopy query list shows them)");
}

void SavedQueries::remove(const std::string& name) const {
  (void)find(name);
  std::error_code code;
  fs::remove(path_of(name), code);
  if (code) throw Error(Fault::Environment, path_of(name).string() + ": " + code.message());
}

std::string SavedQueries::read(const std::string& text) const {
  std::error_code ignored;
  const bool is_word = !text.empty() && text.find_first_of(" \t\r\n/;(") == std::string::npos;
  if (is_word && text.size() <= 100 && !fs::is_regular_file(text, ignored) &&
      fs::is_regular_file(path_of(text), ignored))
    return find(text).sql;
  return read_query(text);
}

}  // namespace canopy
