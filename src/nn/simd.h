// SPDX-License-Identifier: Apache-2.0
#pragma once

// CANOPY_SIMD before a function compiles it for several generations of x86-64 and picks one at
// start. Sanitizers cannot stand the resolver that this needs, so there it is the plain function.

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CANOPY_SIMD __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define CANOPY_SIMD
#endif
