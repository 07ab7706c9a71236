// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_error.h"

#include <libpq-fe.h>

#include <cctype>
#include <string_view>

#include "catalog/query_place.h"

namespace canopy {
namespace {

std::string state_of(const PGresult* result) {
  const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  return state ? state : "";
}

/// By the class of the code: connections, rights to log in, resources, conflicts with others and
/// the server's own failures are for whoever runs it; the rest is the query's.
Fault fault_of(const std::string& state) {
  const std::string kind = state.substr(0, 2);
  for (const char* known : {"", "08", "28", "3D", "40", "53", "54", "55", "57", "58", "F0", "XX"})
    if (kind == known) return Fault::Environment;
  return Fault::User;
}

}  // namespace

std::string words_of(const char* text) {
  std::string words = text ? text : "";
  for (const char* label : {"ERROR:  ", "FATAL:  "})
    if (words.rfind(label, 0) == 0) words.erase(0, 8);
  while (!words.empty() && std::isspace(static_cast<unsigned char>(words.back()))) words.pop_back();
  return words;
}

std::string on_one_line(const char* text) {
  std::string line;
  for (const char c : words_of(text)) {
    const char next = c == '\n' || c == '\t' ? ' ' : c;
    if (next != ' ' || (!line.empty() && line.back() != ' ')) line += next;
  }
  return line;
}

bool says_goodbye(const PGresult* result) {
  if (PQresultStatus(result) != PGRES_FATAL_ERROR) return false;
  const std::string state = state_of(result);
  return state.empty() || state.substr(0, 3) == "57P";
}

Error error_of_postgres(const std::string& name, const PGconn* connection, const PGresult* result) {
  const char* text = result ? PQresultErrorMessage(result) : PQerrorMessage(connection);
  if (PQstatus(connection) != CONNECTION_OK || says_goodbye(result))
    return Error(Fault::Environment,
                 name + ": the connection was lost (" + on_one_line(text) + "); try again");
  const std::string state = state_of(result), words = engine_words(words_of(text)).text();
  if (state == "25006")  // read_only_sql_transaction
    return Error(Fault::User,
                 "only a SELECT may be asked; the catalog changes by ingest alone (" + words + ")");
  if (state == "42501")  // insufficient_privilege
    return Error(Fault::User,
                 name + ": " + words + "; docs/postgres.md lists the rights that a role needs");
  if (state == "55P03")  // lock_not_available
    return Error(Fault::Environment,
                 name + ": another program has held it for too long; try again (" + words + ")");
  if (state == "57014")  // query_canceled, by the server's own statement_timeout
    return Error(Fault::User, "the query was stopped by the server (" + words + ")");
  const Fault fault = fault_of(state);
  return Error(fault, (fault == Fault::User ? "" : name + ": ") + words);
}

}  // namespace canopy
