// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "catalog/catalog.h"
#include "catalog/saved_queries.h"
#include "verbs.h"

namespace canopy {
namespace {

struct SqlState {
  QueryLimits limits;
  std::string sql, format = "table";
  template <class F>
  void describe(F& field) {
    field("format", format, "table, csv or json.");
  }
};

}  // namespace

Command verb_catalog_sql() {
  auto state = std::make_shared<SqlState>();
  Command command("catalog sql", "Ask the catalog: one SELECT over tiles, examples and scores");
  command.options(*state)
      .options(state->limits)
      .positional("SQL", state->sql, "one SELECT, or the file that holds it")
      .example(
          "canopy catalog sql \"SELECT crop, count(*), sum(tree_count) FROM examples GROUP BY "
          "crop\"")
      .run([state](Context& context) {
        const std::string format = context.json ? "json" : state->format;
        require(format == "table" || format == "csv" || format == "json",
                "format: '" + format + "' is none of table, csv, json");
        const Workspace workspace = context.workspace();
        Catalog catalog = Catalog::open(workspace.address_of(workspace.config().catalog_url));
        catalog.see_datasets(workspace.datasets());
        const ResultTable table = catalog.query(read_query(state->sql), state->limits);
        if (format == "csv")
          std::printf("%s", table.csv().c_str());
        else if (format == "json")
          std::printf("%s\n", table.json().dump(2).c_str());
        else
          std::printf("%s", table.pretty().c_str());
        if (table.truncated) std::fprintf(stderr, "only the first %zu rows\n", table.rows.size());
        return kDone;
      });
  return command;
}

}  // namespace canopy
