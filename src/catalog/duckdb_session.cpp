// SPDX-License-Identifier: Apache-2.0
#include "catalog/duckdb_session.h"

#include <cmath>
#include <limits>
#include <utility>

#include <duckdb.h>

#include "base/error.h"
#include "base/threads.h"
#include "catalog/duckdb_error.h"
#include "catalog/query_place.h"
#include "catalog/watchdog.h"

namespace canopy {
namespace {

/// Owns a handle of the C API, which its function of destruction takes by address.
template <class Handle, auto kDestroy>
class Owned {
 public:
  Owned() = default;
  ~Owned() { kDestroy(&handle_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  Handle* address() { return &handle_; }
  Handle get() const { return handle_; }

 private:
  Handle handle_{};
};

using Database = Owned<duckdb_database, duckdb_close>;
using Connection = Owned<duckdb_connection, duckdb_disconnect>;
using Prepared = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
using Pending = Owned<duckdb_pending_result, duckdb_destroy_pending>;
using Result = Owned<duckdb_result, duckdb_destroy_result>;
using Chunk = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using Statements = Owned<duckdb_extracted_statements, duckdb_destroy_extracted>;
using Type = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;

Fault fault_of(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_OUT_OF_MEMORY:
    case DUCKDB_ERROR_OBJECT_SIZE:
      return Fault::Environment;
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
      return Fault::Bug;
    default:
      return Fault::User;
  }
}

const char* sql_name_of(duckdb_type type) {
  static constexpr std::pair<duckdb_type, const char*> kNames[] = {
      {DUCKDB_TYPE_BOOLEAN, "BOOLEAN"},
      {DUCKDB_TYPE_TINYINT, "TINYINT"},
      {DUCKDB_TYPE_SMALLINT, "SMALLINT"},
      {DUCKDB_TYPE_INTEGER, "INTEGER"},
      {DUCKDB_TYPE_BIGINT, "BIGINT"},
      {DUCKDB_TYPE_UTINYINT, "UTINYINT"},
      {DUCKDB_TYPE_USMALLINT, "USMALLINT"},
      {DUCKDB_TYPE_UINTEGER, "UINTEGER"},
      {DUCKDB_TYPE_UBIGINT, "UBIGINT"},
      {DUCKDB_TYPE_HUGEINT, "HUGEINT"},
      {DUCKDB_TYPE_FLOAT, "FLOAT"},
      {DUCKDB_TYPE_DOUBLE, "DOUBLE"},
      {DUCKDB_TYPE_DECIMAL, "DECIMAL"},
      {DUCKDB_TYPE_DATE, "DATE"},
      {DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP"},
      {DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMP WITH TIME ZONE"}};
  for (const auto& [known, name] : kNames)
    if (known == type) return name;
  return "VARCHAR";
}

/// The kinds of column that `cell_at` reads; all others are cast to text by the engine.
bool is_plain(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_SQLNULL:
      return true;
    default:
      return false;
  }
}

template <class T>
T value_at(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

Cell whole_number(duckdb_hugeint value) {
  const bool fits = (value.upper == 0 && value.lower <= std::numeric_limits<std::int64_t>::max()) ||
                    (value.upper == -1 && value.lower >> 63 == 1);
  if (fits) return static_cast<std::int64_t>(value.lower);
  return duckdb_hugeint_to_double(value);
}

double decimal_at(duckdb_vector vector, idx_t row) {
  Type type;
  *type.address() = duckdb_vector_get_column_type(vector);
  double value = 0;
  switch (duckdb_decimal_internal_type(type.get())) {
    case DUCKDB_TYPE_SMALLINT:
      value = value_at<std::int16_t>(vector, row);
      break;
    case DUCKDB_TYPE_INTEGER:
      value = value_at<std::int32_t>(vector, row);
      break;
    case DUCKDB_TYPE_BIGINT:
      value = static_cast<double>(value_at<std::int64_t>(vector, row));
      break;
    default:
      value = duckdb_hugeint_to_double(value_at<duckdb_hugeint>(vector, row));
  }
  return value / std::pow(10.0, duckdb_decimal_scale(type.get()));
}

Cell cell_at(duckdb_vector vector, duckdb_type type, idx_t row) {
  std::uint64_t* valid = duckdb_vector_get_validity(vector);
  if (type == DUCKDB_TYPE_SQLNULL || (valid && !duckdb_validity_row_is_valid(valid, row)))
    return {};
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return value_at<bool>(vector, row);
    case DUCKDB_TYPE_TINYINT:
      return std::int64_t{value_at<std::int8_t>(vector, row)};
    case DUCKDB_TYPE_SMALLINT:
      return std::int64_t{value_at<std::int16_t>(vector, row)};
    case DUCKDB_TYPE_INTEGER:
      return std::int64_t{value_at<std::int32_t>(vector, row)};
    case DUCKDB_TYPE_BIGINT:
      return value_at<std::int64_t>(vector, row);
    case DUCKDB_TYPE_UTINYINT:
      return std::int64_t{value_at<std::uint8_t>(vector, row)};
    case DUCKDB_TYPE_USMALLINT:
      return std::int64_t{value_at<std::uint16_t>(vector, row)};
    case DUCKDB_TYPE_UINTEGER:
      return std::int64_t{value_at<std::uint32_t>(vector, row)};
    case DUCKDB_TYPE_UBIGINT:
      return whole_number({value_at<std::uint64_t>(vector, row), 0});
    case DUCKDB_TYPE_HUGEINT:
      return whole_number(value_at<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_FLOAT:
      return double{value_at<float>(vector, row)};
    case DUCKDB_TYPE_DOUBLE:
      return value_at<double>(vector, row);
    case DUCKDB_TYPE_DECIMAL:
      return decimal_at(vector, row);
    default: {
      auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
      return std::string(duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row]));
    }
  }
}

}  // namespace

struct DuckdbSession::Impl {
  Database database;
  Connection connection;
  double timeout_s = 0;
  std::int64_t memory_mb = 0;

  Error error(Fault fault, const char* words) const {
    return error_of_duckdb(fault, words, memory_mb);
  }
  /// Runs one prepared statement, giving its rows to `visit`.
  void stream(duckdb_prepared_statement statement,
              const std::function<bool(const std::vector<Cell>&)>& visit);
  [[noreturn]] void fail(Watchdog& watchdog, Result& result) {
    const std::string stopped = watchdog.reason();
    if (!stopped.empty()) throw Error(Fault::User, "the query was " + stopped);
    throw error(fault_of(duckdb_result_error_type(result.address())),
                duckdb_result_error(result.address()));
  }
  Watchdog watch() {
    return Watchdog(timeout_s, [this] { duckdb_interrupt(connection.get()); });
  }
  void prepare(const std::string& sql, Prepared& statement);
};

DuckdbSession::DuckdbSession(const SessionSettings& settings) : impl_(std::make_unique<Impl>()) {
  impl_->timeout_s = settings.timeout_s;
  impl_->memory_mb = settings.memory_mb;
  if (duckdb_open(nullptr, impl_->database.address()) != DuckDBSuccess ||
      duckdb_connect(impl_->database.get(), impl_->connection.address()) != DuckDBSuccess)
    throw Error(Fault::Environment, "DuckDB cannot open a database in memory");
  const int threads = settings.threads > 0 ? settings.threads : available_cores();
  std::string sql = "SET threads=" + std::to_string(threads) +
                    "; SET autoinstall_known_extensions=false; SET autoload_known_extensions=false"
                    "; SET TimeZone='UTC'; SET parquet_metadata_cache=true; SET temp_directory=" +
                    sql_text(settings.spill_folder.string());
  if (settings.memory_mb > 0)
    sql += "; SET memory_limit='" + std::to_string(settings.memory_mb) + "MB'";
  execute(sql);
}

DuckdbSession::~DuckdbSession() = default;

void* DuckdbSession::connection() const { return impl_->connection.get(); }

std::string DuckdbSession::version() { return duckdb_library_version(); }

void DuckdbSession::lock_down(const std::vector<std::filesystem::path>& files) {
  execute("SET allowed_paths=" + sql_list(files) +
          "; SET enable_external_access=false; SET lock_configuration=true");
}

void DuckdbSession::execute(const std::string& sql) {
  Result result;
  Watchdog watchdog = impl_->watch();
  if (duckdb_query(impl_->connection.get(), sql.c_str(), result.address()) != DuckDBSuccess)
    impl_->fail(watchdog, result);
}

void DuckdbSession::Impl::prepare(const std::string& sql, Prepared& statement) {
  require(sql.find('\0') == std::string::npos, "the query holds a NUL character");
  Statements statements;
  const idx_t count =
      duckdb_extract_statements(connection.get(), sql.c_str(), statements.address());
  if (count == 0) {
    const char* error = duckdb_extract_statements_error(statements.get());
    throw this->error(Fault::User, error ? error : "the query is empty; give one SELECT");
  }
  require(count == 1, [&] {
    return "one SELECT is expected, but the query holds " + std::to_string(count) + " statements";
  });
  if (duckdb_prepare_extracted_statement(
          connection.get(), statements.get(), 0, statement.address()) != DuckDBSuccess)
    throw error(Fault::User, duckdb_prepare_error(statement.get()));
  require(duckdb_prepared_statement_type(statement.get()) == DUCKDB_STATEMENT_TYPE_SELECT,
          "only a SELECT may be asked; the catalog changes by ingest alone");
  require(duckdb_nparams(statement.get()) == 0,
          "the query has parameters ('?' or '$1'); write their values into it");
}

std::vector<ResultTable::Column> DuckdbSession::check_select(const std::string& sql) {
  Prepared statement;
  impl_->prepare(sql, statement);
  std::vector<ResultTable::Column> columns;
  const idx_t count = duckdb_prepared_statement_column_count(statement.get());
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(statement.get(), i);
    columns.push_back(
        {name, sql_name_of(duckdb_prepared_statement_column_type(statement.get(), i))});
    duckdb_free(const_cast<char*>(name));
  }
  return columns;
}

void DuckdbSession::for_each_row(const std::string& sql,
                                 const std::function<bool(const std::vector<Cell>&)>& visit) {
  Prepared statement;
  impl_->prepare(sql, statement);
  const idx_t columns = duckdb_prepared_statement_column_count(statement.get());
  bool plain = true;
  std::string casts;
  for (idx_t i = 0; i < columns; ++i) {
    const bool is = is_plain(duckdb_prepared_statement_column_type(statement.get(), i));
    const std::string place = "#" + std::to_string(i + 1);
    casts += (i ? ", " : "") + (is ? place : "CAST(" + place + " AS VARCHAR)");
    plain = plain && is;
  }
  if (plain || !visit) return impl_->stream(statement.get(), visit);
  // A view, and not brackets around the text: the text may end in a semicolon or a comment.
  execute("CREATE OR REPLACE TEMP VIEW canopy_answer AS " + sql);
  Prepared cast;
  impl_->prepare("SELECT " + casts + " FROM canopy_answer", cast);
  try {
    impl_->stream(cast.get(), visit);
  } catch (const Error& error) {
    // A place in that text is none in the user's: without our casts the engine finds it again.
    if (engine_words(error.what()).line > 0) impl_->stream(statement.get(), nullptr);
    throw;
  }
}

void DuckdbSession::Impl::stream(duckdb_prepared_statement statement,
                                 const std::function<bool(const std::vector<Cell>&)>& visit) {
  Watchdog watchdog = watch();
  Pending pending;
  Result result;
  if (duckdb_pending_prepared_streaming(statement, pending.address()) != DuckDBSuccess)
    throw error(Fault::User, duckdb_pending_error(pending.get()));
  if (duckdb_execute_pending(pending.get(), result.address()) != DuckDBSuccess)
    fail(watchdog, result);
  const idx_t columns = duckdb_column_count(result.address());
  std::vector<Cell> row(columns);
  while (true) {
    Chunk chunk;
    *chunk.address() = duckdb_fetch_chunk(*result.address());
    if (!chunk.get()) {
      if (duckdb_result_error(result.address()) || !watchdog.reason().empty())
        fail(watchdog, result);
      return;
    }
    if (!visit) continue;
    const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
    for (idx_t r = 0; r < rows; ++r) {
      for (idx_t c = 0; c < columns; ++c)
        row[c] = cell_at(duckdb_data_chunk_get_vector(chunk.get(), c),
                         duckdb_column_type(result.address(), c),
                         r);
      if (!visit(row)) return;
    }
  }
}

ResultTable DuckdbSession::query(const std::string& sql, std::int64_t max_rows) {
  ResultTable table;
  table.columns = check_select(sql);
  for_each_row(sql, [&](const std::vector<Cell>& row) {
    table.truncated = max_rows > 0 && static_cast<std::int64_t>(table.rows.size()) == max_rows;
    if (!table.truncated) table.rows.push_back(row);
    return !table.truncated;
  });
  return table;
}

struct DuckdbSession::Appender::Impl {
  Owned<duckdb_appender, duckdb_appender_destroy> appender;

  void ensure(duckdb_state state) {
    if (state == DuckDBSuccess) return;
    throw error_of_duckdb(Fault::User, duckdb_appender_error(appender.get()), 0);
  }
};

DuckdbSession::Appender::Appender(DuckdbSession& session, const std::string& table)
    : impl_(std::make_unique<Impl>()) {
  impl_->ensure(duckdb_appender_create(
      session.impl_->connection.get(), nullptr, table.c_str(), impl_->appender.address()));
}

DuckdbSession::Appender::~Appender() = default;

void DuckdbSession::Appender::append(const Cell& cell) {
  duckdb_appender to = impl_->appender.get();
  struct Visitor {
    duckdb_appender to;
    duckdb_state operator()(std::monostate) const { return duckdb_append_null(to); }
    duckdb_state operator()(bool value) const { return duckdb_append_bool(to, value); }
    duckdb_state operator()(std::int64_t value) const { return duckdb_append_int64(to, value); }
    duckdb_state operator()(double value) const { return duckdb_append_double(to, value); }
    duckdb_state operator()(const std::string& value) const {
      return duckdb_append_varchar_length(to, value.data(), value.size());
    }
  };
  impl_->ensure(std::visit(Visitor{to}, cell));
}

void DuckdbSession::Appender::end_row() {
  impl_->ensure(duckdb_appender_end_row(impl_->appender.get()));
}

void DuckdbSession::Appender::close() {
  impl_->ensure(duckdb_appender_close(impl_->appender.get()));
}

namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

}  // namespace

std::string sql_text(std::string_view text) { return quoted(text, '\''); }
std::string sql_name(std::string_view name) { return quoted(name, '"'); }

std::string sql_list(const std::vector<std::filesystem::path>& paths) {
  std::string list;
  for (const auto& path : paths) list += (list.empty() ? "" : ", ") + sql_text(path.string());
  return "[" + list + "]";
}

}  // namespace canopy
