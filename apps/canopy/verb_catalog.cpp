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
  std::string sql, query, format = "table";
  template <class F>
  void describe(F& field) {
    field("query", query, "A saved query, by its name (canopy query save), instead of SQL.");
    field("format", format, "table, csv or json.");
  }
};

}  // namespace

Command verb_catalog_sql() {
  auto state = std::make_shared<SqlState>();
  Command command("catalog sql", "Ask the catalog: one SELECT over tiles, examples and scores");
  command.options(*state)
      .options(state->limits)
      .positional(
          "SQL", state->sql, "one SELECT, the file that holds it, or a saved query's name", false)
      .example(
          "canopy catalog sql \"SELECT crop, count(*), sum(tree_count) FROM examples GROUP BY "
          "crop\"")
      .example("canopy catalog sql --query touching")
      .run([state](Context& context) {
        const std::string format = context.json ? "json" : state->format;
        require(format == "table" || format == "csv" || format == "json",
                "format: '" + format + "' is none of table, csv, json");
        require(state->sql.empty() || state->query.empty(), "give either SQL or query, not both");
        require(!state->sql.empty() || !state->query.empty(),
                "give one SELECT, or query=NAME (canopy query list shows the names)");
        const Workspace workspace = context.workspace();
        Catalog catalog = Catalog::open(workspace.address_of(workspace.config().catalog_url));
        catalog.see_datasets(workspace.datasets());
        const SavedQueries queries(workspace.queries());
        const std::string sql =
            state->query.empty() ? queries.read(state->sql) : queries.find(state->query).sql;
        const ResultTable table = catalog.query(sql, state->limits);
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
