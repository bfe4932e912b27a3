// SPDX-License-Identifier: MIT
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace prh::detail {

void check_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: check failed: %s (this is a bug, please report it)\n", file, line,
                 expression);
    std::abort();
}

}  // namespace prh::detail
