// SPDX-License-Identifier: Apache-2.0
#include "catalog/duckdb_rows.h"

#include <exception>
#include <utility>

#include <duckdb.h>

#include "base/error.h"

namespace canopy {
namespace {

struct Kind {
  const char* name;
  duckdb_type type;
  int bytes;
};

/// The kinds of column that rows can have.
const Kind& kind_of(const std::string& name) {
  static constexpr Kind kKinds[] = {{"BOOLEAN", DUCKDB_TYPE_BOOLEAN, 1},
                                    {"SMALLINT", DUCKDB_TYPE_SMALLINT, 2},
                                    {"INTEGER", DUCKDB_TYPE_INTEGER, 4},
                                    {"BIGINT", DUCKDB_TYPE_BIGINT, 8},
                                    {"FLOAT", DUCKDB_TYPE_FLOAT, 4},
                                    {"DOUBLE", DUCKDB_TYPE_DOUBLE, 8},
                                    {"DATE", DUCKDB_TYPE_DATE, 4},
                                    {"TIMESTAMP", DUCKDB_TYPE_TIMESTAMP, 8},
                                    {"TIMESTAMP WITH TIME ZONE", DUCKDB_TYPE_TIMESTAMP_TZ, 8},
                                    {"VARCHAR", DUCKDB_TYPE_VARCHAR, 0}};
  for (const Kind& kind : kKinds)
    if (name == kind.name) return kind;
  throw Error(Fault::Bug, "rows of type " + name);
}

template <class T>
void put(void* data, std::uint64_t row, T value) {
  static_cast<T*>(data)[row] = value;
}

}  // namespace

struct DuckdbRows::State {
  std::vector<ResultTable::Column> columns;
  RowGiver give;
  RowWriter writer;
  std::exception_ptr thrown;
  bool is_done = false;

  void bind(duckdb_bind_info info) const {
    for (const ResultTable::Column& column : columns) {
      duckdb_logical_type type = duckdb_create_logical_type(kind_of(column.type).type);
      duckdb_bind_add_result_column(info, column.name.c_str(), type);
      duckdb_destroy_logical_type(&type);
    }
  }

  void fill(duckdb_data_chunk chunk) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      RowWriter::Column& column = writer.columns_[i];
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      duckdb_vector_ensure_validity_writable(vector);
      column.vector = vector;
      column.data = duckdb_vector_get_data(vector);
      column.valid = duckdb_vector_get_validity(vector);
    }
    writer.row_ = 0;
    while (!is_done && writer.row_ < duckdb_vector_size()) {
      writer.column_ = 0;
      is_done = !give(writer);
      if (is_done) break;
      check(writer.column_ == columns.size(), "a row has as many cells as there are columns");
      ++writer.row_;
    }
    duckdb_data_chunk_set_size(chunk, writer.row_);
  }
};

RowWriter::Column& RowWriter::next() {
  check(column_ < columns_.size(), "a row has no more cells than there are columns");
  return columns_[column_++];
}

void RowWriter::null() { duckdb_validity_set_row_invalid(next().valid, row_); }
void RowWriter::flag(bool value) { put(next().data, row_, value); }

void RowWriter::whole(std::int64_t value) {
  const Column& column = next();
  if (column.bytes == 2)
    put(column.data, row_, static_cast<std::int16_t>(value));
  else if (column.bytes == 4)
    put(column.data, row_, static_cast<std::int32_t>(value));
  else
    put(column.data, row_, value);
}

void RowWriter::number(double value) {
  const Column& column = next();
  if (column.bytes == 4)
    put(column.data, row_, static_cast<float>(value));
  else
    put(column.data, row_, value);
}

void RowWriter::text(std::string_view value) {
  duckdb_vector_assign_string_element_len(
      static_cast<duckdb_vector>(next().vector), row_, value.data(), value.size());
}

DuckdbRows::DuckdbRows(DuckdbSession& session,
                       const std::string& name,
                       std::vector<ResultTable::Column> columns,
                       RowGiver give)
    : state_(std::make_shared<State>()) {
  for (const ResultTable::Column& column : columns)
    state_->writer.columns_.push_back({.bytes = kind_of(column.type).bytes});
  state_->columns = std::move(columns);
  state_->give = std::move(give);

  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, name.c_str());
  // DuckDB keeps the function for as long as the session, so it has a share of the state.
  duckdb_table_function_set_extra_info(
      function, new std::shared_ptr<State>(state_), [](void* share) {
        delete static_cast<std::shared_ptr<State>*>(share);
      });
  duckdb_table_function_set_bind(function, [](duckdb_bind_info info) {
    (*static_cast<std::shared_ptr<State>*>(duckdb_bind_get_extra_info(info)))->bind(info);
  });
  duckdb_table_function_set_init(
      function, [](duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); });
  duckdb_table_function_set_function(
      function, [](duckdb_function_info info, duckdb_data_chunk chunk) {
        State& state = **static_cast<std::shared_ptr<State>*>(duckdb_function_get_extra_info(info));
        try {
          state.fill(chunk);
        } catch (...) {
          state.thrown = std::current_exception();
          duckdb_function_set_error(info, "rows from elsewhere ended early");
        }
      });
  const duckdb_state made = duckdb_register_table_function(
      static_cast<duckdb_connection>(session.connection()), function);
  duckdb_destroy_table_function(&function);
  check(made == DuckDBSuccess, "DuckDB takes a table function");
}

DuckdbRows::~DuckdbRows() = default;

void DuckdbRows::rethrow() const {
  if (state_->thrown) std::rethrow_exception(state_->thrown);
}

}  // namespace canopy
