# SPDX-License-Identifier: Apache-2.0
# Imported targets for LibTorch as it lies in the PyPI wheel.
#   LibTorch_ROOT  directory that holds torch/ and nvidia/ (unzipped wheels or a site-packages)
# Targets: LibTorch::torch  (CPU), LibTorch::cuda (only when CANOPY_CUDA and the libraries exist)
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h HINTS "${LibTorch_ROOT}/torch/include" NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS "${LibTorch_ROOT}/torch/lib" NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS "${LibTorch_ROOT}/torch/lib" NO_DEFAULT_PATH)
find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS "${LibTorch_ROOT}/torch/lib" NO_DEFAULT_PATH)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS "${LibTorch_ROOT}/torch/lib" NO_DEFAULT_PATH)
if(EXISTS "${LibTorch_ROOT}/torch/version.py")
  file(STRINGS "${LibTorch_ROOT}/torch/version.py" _v REGEX "^__version__ = ")
  string(REGEX REPLACE ".*'([0-9.]+)[^']*'.*" "\\1" LibTorch_VERSION "${_v}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "no LibTorch in '${LibTorch_ROOT}': run 'tools/bootstrap', or give -DLibTorch_ROOT=<site-packages of a Python that has torch>")
if(LibTorch_FOUND AND NOT TARGET LibTorch::torch)
  find_package(Threads REQUIRED)
  add_library(LibTorch::c10 SHARED IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION "${LibTorch_C10_LIBRARY}")
  add_library(LibTorch::torch SHARED IMPORTED)
  set_target_properties(LibTorch::torch PROPERTIES IMPORTED_LOCATION "${LibTorch_CPU_LIBRARY}")
  # -idirafter, not -isystem: the wheel ships its own fmt 12.1 and google/protobuf headers, which
  # would shadow Debian's and break spdlog and protobuf; searched last they are never seen.
  target_compile_options(LibTorch::torch INTERFACE "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}"
    "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  target_link_libraries(LibTorch::torch INTERFACE LibTorch::c10 Threads::Threads)
  # libtorch_cpu.so NEEDs libcudart/libcupti; its own DT_RPATH finds them at run time when
  # nvidia/ lies beside torch/, the linker finds them through -rpath-link.
  file(GLOB _nv "${LibTorch_ROOT}/nvidia/*/lib")
  foreach(d IN LISTS _nv)
    target_link_options(LibTorch::torch INTERFACE "LINKER:-rpath-link,${d}")
  endforeach()
  target_link_options(LibTorch::torch INTERFACE "LINKER:-rpath-link,${LibTorch_ROOT}/torch/lib")
  set(LibTorch_CUDA_FOUND FALSE)
  if(CANOPY_CUDA AND LibTorch_CUDA_LIBRARY AND LibTorch_C10_CUDA_LIBRARY)
    set(LibTorch_CUDA_FOUND TRUE)
    add_library(LibTorch::c10_cuda SHARED IMPORTED)
    set_target_properties(LibTorch::c10_cuda PROPERTIES IMPORTED_LOCATION "${LibTorch_C10_CUDA_LIBRARY}")
    add_library(LibTorch::cuda SHARED IMPORTED)
    set_target_properties(LibTorch::cuda PROPERTIES IMPORTED_LOCATION "${LibTorch_CUDA_LIBRARY}")
    target_compile_definitions(LibTorch::cuda INTERFACE CANOPY_HAVE_CUDA=1)
    # torch_cuda registers its kernels from static initialisers: it must stay NEEDED
    target_link_options(LibTorch::cuda INTERFACE "LINKER:--no-as-needed,${LibTorch_CUDA_LIBRARY},--as-needed"
      "LINKER:--allow-shlib-undefined")
    target_link_libraries(LibTorch::cuda INTERFACE LibTorch::c10_cuda LibTorch::torch)
  endif()
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_CUDA_LIBRARY LibTorch_C10_CUDA_LIBRARY)
