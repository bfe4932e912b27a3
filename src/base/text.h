// SPDX-License-Identifier: MIT
// Values as text.
#pragma once

#include <string>

#include "base/bytes.h"

namespace prh {

/// Two small hexadecimal digits for each byte, without separators.
std::string hexadecimal(ConstBytes bytes);

}  // namespace prh
