// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_session.h"

#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "catalog/postgres_address.h"
#include "catalog/postgres_error.h"
#include "catalog/watchdog.h"

namespace canopy {
namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// Types of columns by their numbers in pg_type, which never change.
enum : Oid {
  kBool = 16,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kOid = 26,
  kFloat4 = 700,
  kFloat8 = 701,
  kDate = 1082,
  kTimestamp = 1114,
  kTimestampTz = 1184,
  kNumeric = 1700,
};

const char* sql_name_of(Oid type) {
  static constexpr std::pair<Oid, const char*> kNames[] = {
      {kBool, "BOOLEAN"},
      {kInt2, "SMALLINT"},
      {kInt4, "INTEGER"},
      {kInt8, "BIGINT"},
      {kFloat4, "FLOAT"},
      {kFloat8, "DOUBLE"},
      {kNumeric, "DECIMAL"},
      {kDate, "DATE"},
      {kTimestamp, "TIMESTAMP"},
      {kTimestampTz, "TIMESTAMP WITH TIME ZONE"}};
  for (const auto& [known, name] : kNames)
    if (known == type) return name;
  return "VARCHAR";
}

/// $1, $2, ... as libpq takes them.
struct Parameters {
  std::vector<std::string> texts;
  std::vector<const char*> values;
  std::vector<Oid> types;

  explicit Parameters(const std::vector<Cell>& cells) {
    texts.reserve(cells.size());
    for (const Cell& cell : cells) {
      static constexpr std::array<Oid, 5> kTypes = {kText, kBool, kInt8, kFloat8, kText};
      types.push_back(kTypes[cell.index()]);
      const bool null = std::holds_alternative<std::monostate>(cell);
      texts.push_back(to_text(cell));
      require(texts.back().find('\0') == std::string::npos, "a text holds a NUL character");
      values.push_back(null ? nullptr : texts.back().c_str());
    }
  }
  int count() const { return static_cast<int>(values.size()); }
};

std::int64_t rows_changed(PGresult* result) {
  return std::strtoll(PQcmdTuples(result), nullptr, 10);
}

}  // namespace

struct PostgresSession::Impl {
  std::string settings;
  bool plain = false;
  PGconn* connection = nullptr;
  bool inside = false;  ///< of a transaction
  std::unique_ptr<Watchdog> copying;
  std::unique_ptr<char, decltype(&PQfreemem)> message{nullptr, PQfreemem};

  ~Impl() { PQfinish(connection); }

  std::string name() const {
    const auto text = [](const char* value) { return std::string(value ? value : ""); };
    return "database '" + text(PQdb(connection)) + "' on " + text(PQhost(connection)) + ":" +
           text(PQport(connection));
  }
  bool is_lost() const { return PQstatus(connection) != CONNECTION_OK; }
  bool is_lost(const PGresult* result) const { return is_lost() || says_goodbye(result); }

  void require_connection() {
    if (!is_lost()) return prepare_connection();
    const std::string words = on_one_line(PQerrorMessage(connection));
    std::string remedy = "see that the server runs there and lets this machine in";
    if (PQconnectionNeedsPassword(connection))
      remedy = "put the password of this user into ~/.pgpass or PGPASSWORD";
    else if (PQconnectionUsedPassword(connection))
      remedy = "see that user and password (~/.pgpass, PGPASSWORD) are right";
    else if (words.find("does not exist") != std::string::npos)
      remedy = "create it, or name another in the address";
    throw Error(Fault::Environment, name() + " cannot be opened (" + words + "); " + remedy);
  }

  void prepare_connection() {
    PQsetNoticeReceiver(
        connection, [](void*, const PGresult*) {}, nullptr);
    if (!plain) ensure(PQexec(connection, settings.c_str()));
  }

  /// Makes a connection anew that was lost while it was idle.
  void renew() {
    PQreset(connection);
    require_connection();
  }

  Watchdog watch(double timeout_s) {
    std::shared_ptr<PGcancel> cancel(PQgetCancel(connection), PQfreeCancel);
    return Watchdog(timeout_s, [cancel] {
      std::array<char, 256> words{};
      PQcancel(cancel.get(), words.data(), static_cast<int>(words.size()));
    });
  }

  [[noreturn]] void fail(const PGresult* result, const Watchdog* watchdog = nullptr) const {
    const std::string stopped = watchdog ? watchdog->reason() : "";
    if (!stopped.empty()) throw Error(Fault::User, "the query was " + stopped);
    throw error_of_postgres(name(), connection, result);
  }

  /// Takes a result in its ownership; throws unless it is a good one.
  Result ensure(PGresult* raw, const Watchdog* watchdog = nullptr) const {
    Result result(raw, PQclear);
    switch (PQresultStatus(raw)) {
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
      case PGRES_TUPLES_OK:
      case PGRES_SINGLE_TUPLE:
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
        return result;
      default:
        fail(raw, watchdog);
    }
  }

  Result send(const std::string& sql, const Parameters& parameters) {
    return Result(PQexecParams(connection,
                               sql.c_str(),
                               parameters.count(),
                               parameters.types.data(),
                               parameters.values.data(),
                               nullptr,
                               nullptr,
                               0),
                  PQclear);
  }
};

PostgresSession::PostgresSession(const std::string& url, const std::string& settings)
    : impl_(std::make_unique<Impl>()) {
  impl_->settings =
      "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET standard_conforming_strings = on; SET "
      "extra_float_digits = 1; " +
      settings;
  connect(url);
}

PostgresSession::PostgresSession(const std::string& url, Plain) : impl_(std::make_unique<Impl>()) {
  impl_->plain = true;
  connect(url);
}

void PostgresSession::connect(const std::string& url) {
  require_postgres_url(url);
  // What stands before the address is what it is without it; what stands behind overrides it.
  const char* keys[] = {
      "connect_timeout", "application_name", "dbname", "client_encoding", nullptr};
  const char* values[] = {"10", "canopy", url.c_str(), "UTF8", nullptr};
  impl_->connection = PQconnectdbParams(keys, values, 1);
  if (!impl_->connection) throw std::bad_alloc();
  impl_->require_connection();
}

PostgresSession::~PostgresSession() = default;

std::string PostgresSession::name() const { return impl_->name(); }

std::string PostgresSession::version() const {
  const int number = PQserverVersion(impl_->connection);
  return std::to_string(number / 10000) + "." + std::to_string(number % 10000);
}

bool PostgresSession::Row::is_null(int column) const {
  return PQgetisnull(static_cast<const PGresult*>(result_), row_, column) != 0;
}
std::string PostgresSession::Row::text(int column) const {
  const auto* result = static_cast<const PGresult*>(result_);
  return {PQgetvalue(result, row_, column),
          static_cast<std::size_t>(PQgetlength(result, row_, column))};
}
std::int64_t PostgresSession::Row::whole(int column) const {
  return std::strtoll(PQgetvalue(static_cast<const PGresult*>(result_), row_, column), nullptr, 10);
}
double PostgresSession::Row::number(int column) const {
  return std::strtod(PQgetvalue(static_cast<const PGresult*>(result_), row_, column), nullptr);
}
int PostgresSession::Row::columns() const {
  return PQnfields(static_cast<const PGresult*>(result_));
}
Cell PostgresSession::Row::cell(int column) const {
  if (is_null(column)) return {};
  switch (PQftype(static_cast<const PGresult*>(result_), column)) {
    case kBool:
      return text(column) == "t";
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
      return whole(column);
    case kFloat4:
    case kFloat8:
    case kNumeric:
      return number(column);
    default:
      return text(column);
  }
}

void PostgresSession::execute(const std::string& script) {
  impl_->ensure(PQexec(impl_->connection, script.c_str()));
}

int PostgresSession::run(const std::string& sql,
                         const std::vector<Cell>& values,
                         const Visit& visit) {
  const Parameters parameters(values);
  if (!impl_->inside && impl_->is_lost()) impl_->renew();
  Result result = impl_->send(sql, parameters);
  if (!impl_->inside && impl_->is_lost(result.get())) {
    impl_->renew();
    result = impl_->send(sql, parameters);
  }
  const Result good = impl_->ensure(result.release());
  for (int row = 0; visit && row < PQntuples(good.get()); ++row) visit(Row(good.get(), row));
  return static_cast<int>(rows_changed(good.get()));
}

void PostgresSession::transaction(const std::string& begin, const std::function<void()>& work) {
  check(!impl_->inside, "transactions do not nest");
  Result began(PQexec(impl_->connection, begin.c_str()), PQclear);
  if (impl_->is_lost(began.get())) {
    impl_->renew();
    began.reset(PQexec(impl_->connection, begin.c_str()));
  }
  impl_->ensure(began.release());
  impl_->inside = true;
  try {
    work();
    impl_->ensure(PQexec(impl_->connection, "COMMIT"));
    impl_->inside = false;
  } catch (...) {
    impl_->inside = false;
    impl_->copying.reset();
    if (PQtransactionStatus(impl_->connection) != PQTRANS_IDLE)
      Result(PQexec(impl_->connection, "ROLLBACK"), PQclear);
    throw;
  }
}

void PostgresSession::begin_reading(const std::string& begin) {
  execute(begin);
  impl_->inside = true;
}

std::vector<ResultTable::Column> PostgresSession::describe(const std::string& sql) {
  require(sql.find('\0') == std::string::npos, "the query holds a NUL character");
  Result shape(nullptr, PQclear);
  if (impl_->plain) {
    shape = impl_->ensure(PQexec(impl_->connection, sql.c_str()));
  } else {
    impl_->ensure(PQprepare(impl_->connection, "", sql.c_str(), 0, nullptr));
    shape = impl_->ensure(PQdescribePrepared(impl_->connection, ""));
    require(PQnparams(shape.get()) == 0,
            "the query has parameters ('$1'); write their values into it");
  }
  std::vector<ResultTable::Column> columns;
  for (int i = 0; i < PQnfields(shape.get()); ++i)
    columns.push_back({PQfname(shape.get(), i), sql_name_of(PQftype(shape.get(), i))});
  require(!columns.empty(), "only a SELECT may be asked; the catalog changes by ingest alone");
  return columns;
}

void PostgresSession::stream(const std::string& sql,
                             double timeout_s,
                             const std::function<bool(const Row&)>& visit) {
  const Watchdog watchdog = impl_->watch(timeout_s);
  PGconn* connection = impl_->connection;
  const int sent =
      impl_->plain
          ? PQsendQuery(connection, sql.c_str())
          : PQsendQueryParams(connection, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
  if (!sent || !PQsetSingleRowMode(connection)) impl_->fail(nullptr, &watchdog);
  // Whatever happens, the connection is read to the end of the answer, so that it can be used on.
  const auto finish = [&] {
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection),
                                                                    PQfreeCancel);
    std::array<char, 256> words{};
    PQcancel(cancel.get(), words.data(), static_cast<int>(words.size()));
    while (PGresult* rest = PQgetResult(connection)) PQclear(rest);
  };
  try {
    while (PGresult* raw = PQgetResult(connection)) {
      const Result result = impl_->ensure(raw, &watchdog);
      for (int row = 0; row < PQntuples(raw); ++row)
        if (!visit(Row(raw, row))) return finish();
    }
  } catch (...) {
    finish();
    throw;
  }
}

void PostgresSession::stream_into(ResultTable& table,
                                  const std::string& sql,
                                  double timeout_s,
                                  std::int64_t max_rows) {
  stream(sql, timeout_s, [&](const Row& row) {
    table.truncated = max_rows > 0 && std::ssize(table.rows) == max_rows;
    if (table.truncated) return false;
    std::vector<Cell>& cells = table.rows.emplace_back();
    for (int i = 0; i < row.columns(); ++i) cells.push_back(row.cell(i));
    return true;
  });
}

std::int64_t PostgresSession::copy_in(const std::string& sql,
                                      const std::function<bool(std::string&)>& next) {
  PGconn* connection = impl_->connection;
  impl_->ensure(PQexec(connection, sql.c_str()));
  const auto end = [&](const char* error) {
    PQputCopyEnd(connection, error);
    Result result(PQgetResult(connection), PQclear);
    while (PGresult* rest = PQgetResult(connection)) PQclear(rest);
    return result;
  };
  try {
    bool more = true;
    for (std::string buffer; more; buffer.clear()) {
      more = next(buffer);
      if (!buffer.empty() &&
          PQputCopyData(connection, buffer.data(), static_cast<int>(buffer.size())) != 1)
        break;  // the server's reason is in the result
    }
  } catch (...) {
    end("the rows ended early");
    throw;
  }
  const Result done = impl_->ensure(end(nullptr).release());
  return rows_changed(done.get());
}

void PostgresSession::start_copy_out(const std::string& sql, double timeout_s) {
  impl_->copying = std::unique_ptr<Watchdog>(new Watchdog(impl_->watch(timeout_s)));
  // Through the protocol that takes one statement and no more.
  Result result = impl_->send(sql, Parameters({}));
  impl_->ensure(result.release(), impl_->copying.get());
}

bool PostgresSession::next_copy_out(std::string_view& message) {
  char* bytes = nullptr;
  const int size = PQgetCopyData(impl_->connection, &bytes, 0);
  impl_->message.reset(bytes);
  if (size > 0) {
    message = {bytes, static_cast<std::size_t>(size)};
    return true;
  }
  Result result(PQgetResult(impl_->connection), PQclear);
  while (PGresult* rest = PQgetResult(impl_->connection)) PQclear(rest);
  impl_->ensure(result.release(), impl_->copying.get());
  impl_->copying.reset();
  return false;
}

}  // namespace canopy
