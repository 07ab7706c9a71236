// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "catalog/catalog.h"
#include "catalog/saved_queries.h"
#include "verbs.h"

namespace canopy {

Command verb_query_save() {
  struct State {
    std::string name, sql;
  };
  auto state = std::make_shared<State>();
  Command command("query save", "Keep a query under a name, as queries/NAME.sql");
  command.positional("NAME", state->name, "what to call it")
      .positional("SQL", state->sql, "one SELECT, or the file that holds it")
      .example(
          "canopy query save touching \"SELECT tile_id FROM examples WHERE touching_fraction > "
          "0.2\"")
      .example("canopy dataset create walnuts --query touching")
      .run([state](Context& context) {
        const Workspace workspace = context.workspace();
        const std::string sql = read_query(state->sql);
        // Asked once, so that a slip is found now and not when it is used.
        Catalog catalog = Catalog::open(workspace.address_of(workspace.config().catalog_url));
        catalog.see_datasets(workspace.datasets());
        (void)catalog.query(sql, {.max_rows = 1});
        const SavedQueries queries(workspace.queries());
        const bool is_new = queries.save(state->name, sql, context.overwrite);
        const std::string path = queries.path_of(state->name).string();
        if (context.json)
          std::printf("%s\n",
                      nlohmann::ordered_json{{"name", state->name}, {"path", path}, {"new", is_new}}
                          .dump(2)
                          .c_str());
        else
          std::printf(
              "%s   %s%s\n", state->name.c_str(), path.c_str(), is_new ? "" : "   (as it was)");
        return kDone;
      });
  return command;
}

Command verb_query_list() {
  Command command("query list", "All saved queries of the workspace");
  command.run([](Context& context) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const SavedQuery& query : SavedQueries(context.workspace().queries()).list()) {
      list.push_back({{"name", query.name}, {"sql", query.sql}});
      if (!context.json)
        std::printf(
            "%-24s %s\n", query.name.c_str(), query.sql.substr(0, query.sql.find('\n')).c_str());
    }
    if (context.json) std::printf("%s\n", list.dump(2).c_str());
    return kDone;
  });
  return command;
}

Command verb_query_remove() {
  auto name = std::make_shared<std::string>();
  Command command("query remove", "Forget a saved query; datasets that it made keep its text");
  command.positional("NAME", *name, "a saved query").run([name](Context& context) {
    const SavedQueries queries(context.workspace().queries());
    queries.remove(*name);
    if (context.json)
      std::printf("%s\n",
                  nlohmann::ordered_json{{"name", *name}, {"removed", true}}.dump(2).c_str());
    else
      std::printf("%s   removed\n", name->c_str());
    return kDone;
  });
  return command;
}

Command verb_query_show() {
  auto name = std::make_shared<std::string>();
  Command command("query show", "The text of a saved query");
  command.positional("NAME", *name, "a saved query").run([name](Context& context) {
    const SavedQuery query = SavedQueries(context.workspace().queries()).find(*name);
    if (context.json)
      std::printf("%s\n",
                  nlohmann::ordered_json{{"name", query.name}, {"sql", query.sql}}.dump(2).c_str());
    else
      std::printf("%s", query.sql.c_str());
    return kDone;
  });
  return command;
}

}  // namespace canopy
