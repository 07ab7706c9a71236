# SPDX-License-Identifier: Apache-2.0
# The libraries of a CANOPY_CORE_ONLY build, from .deps/core as `tools/bootstrap core` leaves it: header-only ones under the
# names that Debian's packages give them, so that no CMakeLists.txt asks which build it is in, and libdeflate from source.
set(CANOPY_CORE_ROOT "${CMAKE_SOURCE_DIR}/.deps/core" CACHE PATH "What `tools/bootstrap core` fetched")
foreach(header IN ITEMS nlohmann_json/include/nlohmann/json.hpp spdlog/include/spdlog/spdlog.h
    tomlplusplus/include/toml++/toml.h libdeflate/libdeflate.h)
  if(NOT EXISTS "${CANOPY_CORE_ROOT}/${header}")
    message(FATAL_ERROR "${CANOPY_CORE_ROOT}/${header} is missing; run 'tools/bootstrap core', here or where there is a "
      "network, and bring .deps/core along (or give -DCANOPY_CORE_ROOT=FOLDER)")
  endif()
endforeach()

foreach(library IN ITEMS nlohmann_json spdlog tomlplusplus)
  add_library(${library}::${library} INTERFACE IMPORTED)
  target_include_directories(${library}::${library} SYSTEM INTERFACE "${CANOPY_CORE_ROOT}/${library}/include")
  # find_package looks here first.
  file(WRITE "${CMAKE_FIND_PACKAGE_REDIRECTS_DIR}/${library}-config.cmake" "# canopy_core.cmake has made ${library}::${library}\n")
endforeach()

file(GLOB sources "${CANOPY_CORE_ROOT}/libdeflate/lib/*.c" "${CANOPY_CORE_ROOT}/libdeflate/lib/*/cpu_features.c")
add_library(canopy_libdeflate STATIC ${sources})
target_include_directories(canopy_libdeflate SYSTEM PUBLIC "${CANOPY_CORE_ROOT}/libdeflate")

# Tests, where wanted: GoogleTest's sources are no part of `tools/bootstrap core`; Debian has them in /usr/src/googletest.
if(CANOPY_TESTS AND EXISTS "${CANOPY_CORE_ROOT}/googletest/CMakeLists.txt")
  add_subdirectory("${CANOPY_CORE_ROOT}/googletest" "${CMAKE_BINARY_DIR}/googletest" EXCLUDE_FROM_ALL)
endif()
