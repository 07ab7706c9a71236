# SPDX-License-Identifier: Apache-2.0
# DuckDB's C library as the npm wheel carries it, with the C header of the same version. Target: DuckDB::duckdb.
find_path(DuckDB_INCLUDE_DIR duckdb.h HINTS "${DuckDB_ROOT}/include" NO_DEFAULT_PATH)
find_library(DuckDB_LIBRARY duckdb HINTS "${DuckDB_ROOT}/lib" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR)
if(DuckDB_FOUND AND NOT TARGET DuckDB::duckdb)
  add_library(DuckDB::duckdb SHARED IMPORTED)
  set_target_properties(DuckDB::duckdb PROPERTIES IMPORTED_LOCATION "${DuckDB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}")
endif()
mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)
