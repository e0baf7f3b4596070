#pragma once

namespace fake {

/// What compiled kernels begin with; the path of their library follows.
constexpr const char *imageMark = "cresset fake kernels 1:";

}  // namespace fake
