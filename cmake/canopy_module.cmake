# SPDX-License-Identifier: Apache-2.0
# canopy_module(NAME SOURCES a.cpp ... [HEADERS only.h ...] [PUBLIC targets] [PRIVATE targets] [TEST_LIBS targets])
#
# One module: the library canopy_NAME with its alias canopy::NAME, warnings, its headers (the a.h beside each a.cpp and
# those of HEADERS, each checked to compile alone), and one test program of the a_test.cpp that lie beside them.
function(canopy_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE;TEST_LIBS" ${ARGN})
  set(target canopy_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(canopy::${name} ALIAS ${target})
  set(headers ${arg_HEADERS})
  set(tests)
  foreach(file IN LISTS arg_SOURCES arg_HEADERS)
    string(REGEX REPLACE "\\.(cpp|h)$" "" stem ${file})
    if(file MATCHES "cpp$" AND EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${stem}.h")
      list(APPEND headers ${stem}.h)
    endif()
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${stem}_test.cpp")
      list(APPEND tests ${stem}_test.cpp)
    endif()
  endforeach()
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}/src" FILES ${headers})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  canopy_warnings(${target})

  if(CANOPY_TESTS AND tests)
    if(NOT TARGET GTest::gtest_main)
      find_package(GTest REQUIRED)
    endif()
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${arg_TEST_LIBS} GTest::gmock GTest::gtest_main)
    canopy_warnings(${target}_test)
    # Two programs that wait for their threads spin each other out: one thread each. With sanitizers a program takes a
    # second to start, so there its tests are one entry of CTest.
    if(CANOPY_SANITIZE)
      add_test(NAME ${name} COMMAND ${target}_test)
      set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 1200 ENVIRONMENT OMP_NUM_THREADS=1)
    else()
      include(GoogleTest)
      gtest_discover_tests(${target}_test TEST_PREFIX "${name}." PROPERTIES LABELS unit TIMEOUT 300
        ENVIRONMENT OMP_NUM_THREADS=1 DISCOVERY_TIMEOUT 60)
    endif()
  endif()
endfunction()

# at::RecordFunction has one member more where NDEBUG is not defined; LibTorch was built with it, so whatever reads such
# records must be, in every configuration.
function(canopy_reads_libtorch_records)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS $<$<NOT:$<CONFIG:Release>>:NDEBUG>)
endfunction()

# canopy_server_test(NAME SOURCES a_test.cpp ... LIBS targets): tests that begin a server of their own. They are one program
# and one entry of CTest, so that the server begins once and not for each of them.
function(canopy_server_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(canopy_${name}_test ${arg_SOURCES})
  target_link_libraries(canopy_${name}_test PRIVATE ${arg_LIBS} GTest::gmock GTest::gtest_main)
  canopy_warnings(canopy_${name}_test)
  add_test(NAME ${name} COMMAND canopy_${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

function(canopy_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion)
endfunction()

# The test `layers`: every #include "module/..." under src/ must be of the module itself or of one it links,
# directly or through others, and those must stand before it in CANOPY_MODULES.
function(canopy_check_layers)
  if(NOT CANOPY_TESTS)
    return()
  endif()
  find_package(Python3 COMPONENTS Interpreter)
  if(Python3_FOUND)
    add_test(NAME layers COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/check_layers.py ${CMAKE_SOURCE_DIR})
    set_tests_properties(layers PROPERTIES LABELS unit)
  endif()
endfunction()
