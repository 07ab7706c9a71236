# SPDX-License-Identifier: Apache-2.0
# Settings that every target shares: the language, ccache and mold where present, sanitizers, optimisation.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
# mold where it is installed, but not for what is released: mold 1.10 at times lets the RELRO segment begin a few bytes
# before the page that it protects, and such a program does not start ("cannot apply additional memory protection").
find_program(MOLD mold)
if(MOLD AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_link_options(-fuse-ld=mold LINKER:-z,norelro)
endif()

# CANOPY_SANITIZE is a list such as "address,undefined" or "thread" (presets asan and tsan).
set(CANOPY_SANITIZE "" CACHE STRING "Sanitizers to build with")
if(CANOPY_SANITIZE)
  add_compile_options(-fsanitize=${CANOPY_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CANOPY_SANITIZE})
endif()
