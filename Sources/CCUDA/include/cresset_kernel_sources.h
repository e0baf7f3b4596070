// The texts of Kernels/, which NVRTC compiles on first use.
#pragma once
#include <stddef.h>

typedef struct {
    /// The file's name, as `#include` spells it.
    const char *_Nonnull name;
    const char *_Nonnull text;
} cresset_kernel_source;

/// All files in Kernels/, sources and headers.
const cresset_kernel_source *_Nonnull cresset_all_kernel_sources(void);
extern const size_t cresset_kernel_source_count;
/// The text of a file, or NULL.
const char *_Nullable cresset_kernel_source_named(const char *_Nonnull name);
