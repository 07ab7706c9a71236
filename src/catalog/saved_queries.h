// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

// Queries as people keep them: typed at the prompt, in a file of their own, or under a name in the
// workspace, as queries/NAME.sql. A saved query is nothing but that file: edit it, share it, put it
// under version control. What a dataset keeps is the text as it was, so a query that is changed
// later changes no dataset.

namespace canopy {

/// What was meant by `text_or_file`: the text of the file of that name where there is one, else the
/// text itself. A word that ends in ".sql" is always a file. Throws NotFound when such a file is
/// not there, and User when it holds nothing.
std::string read_query(const std::string& text_or_file);

struct SavedQuery {
  std::string name, sql;
};

class SavedQueries {
 public:
  /// Of a folder, which need not be there.
  explicit SavedQueries(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Keeps `sql` as NAME.sql, ended by a line feed. Returns false when that very text is kept
  /// already. Throws User when the name is no file name or the text is empty, and Conflict when the
  /// name stands for another text and `replace` is false.
  bool save(const std::string& name, const std::string& sql, bool replace = false) const;
  /// In the order of names.
  std::vector<SavedQuery> list() const;
  /// Throws NotFound, naming what is near.
  SavedQuery find(const std::string& name) const;
  /// Removes NAME.sql. Throws as `find`.
  void remove(const std::string& name) const;
  /// `read_query`, but a single word that is the name of a saved query stands for its text: no
  /// single word is a query.
  std::string read(const std::string& text_or_file_or_name) const;
  std::filesystem::path path_of(const std::string& name) const { return folder_ / (name + ".sql"); }

 private:
  std::filesystem::path folder_;
};

}  // namespace canopy
