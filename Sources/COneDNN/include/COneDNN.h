// oneDNN's C API. The library, of 3.2 or later, is opened at the first call.
#pragma once
#include <oneapi/dnnl/dnnl.h>

/// Why the library cannot be opened; NULL if it can.
const char *cresset_onednn_problem(void);
