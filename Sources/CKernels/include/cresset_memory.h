// Pooled memory for tensors: pages touched once are kept between steps.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Memory aligned to 64 bytes, with undefined contents; NULL if there is not enough. Any thread may free it.
void *cresset_allocate(size_t bytes);

/// The same for kernels' own use: ends the program if there is not enough.
void *cresset_allocate_scratch(size_t bytes);

/// Frees what `cresset_allocate(bytes)` returned. NULL is allowed.
void cresset_free(void *pointer, size_t bytes);

/// Ends the program: for kernels, which cannot return an error.
_Noreturn void cresset_out_of_memory(void);

/// `handler` reports why the program ends, and ends it.
void cresset_when_out_of_memory(void (*handler)(void));

typedef struct {
    /// Bytes allocated and not yet freed.
    int64_t in_use;
    /// The peak number of bytes in use since the start or `cresset_memory_reset_peak`; small blocks are counted by
    /// their pools.
    int64_t peak;
    /// Bytes that the pools hold from the system: those in use, and free ones that have been touched.
    int64_t reserved;
    /// Calls of `cresset_allocate` since the start.
    int64_t allocations;
} cresset_memory_statistics;

cresset_memory_statistics cresset_memory_read_statistics(void);
void cresset_memory_reset_peak(void);

/// Returns the pages of free large blocks to the system.
void cresset_memory_trim(void);
