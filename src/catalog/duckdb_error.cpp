// SPDX-License-Identifier: Apache-2.0
#include "catalog/duckdb_error.h"

#include <string>

#include "catalog/query_place.h"

namespace canopy {

Error error_of_duckdb(Fault fault, const char* words, std::int64_t memory_mb) {
  const std::string text = words ? words : "the engine failed";
  if (!text.starts_with("Out of Memory Error")) return Error(fault, engine_words(text).text());
  if (text.find("max_temp_directory_size") != std::string::npos)
    return Error(Fault::Environment,
                 "the disk has no room for what does not fit into memory; free some, or raise "
                 "memory-mb (" +
                     std::to_string(memory_mb) + ")");
  if (memory_mb > 0)
    return Error(Fault::Environment,
                 "memory-mb=" + std::to_string(memory_mb) +
                     " is too little for this query; raise memory-mb, or ask for less");
  return Error(Fault::Environment,
               "this machine has too little memory for the query; ask for less, or give fewer "
               "threads");
}

}  // namespace canopy
