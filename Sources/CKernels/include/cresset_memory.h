// Pooled memory for tensors: pages touched once are kept between steps.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Memory aligned to 64 bytes, contents undefined; NULL where there is not enough. Any thread may free it.
void *cresset_allocate(size_t bytes);

/// Gives back what `cresset_allocate(bytes)` returned. NULL is allowed.
void cresset_free(void *pointer, size_t bytes);

/// Ends the program: for kernels, which cannot give an error back.
_Noreturn void cresset_out_of_memory(void);

/// `handler` says why the program ends, and ends it.
void cresset_when_out_of_memory(void (*handler)(void));

typedef struct {
    /// Bytes asked for and not yet given back.
    int64_t in_use;
    /// The most bytes in use since the start or `cresset_memory_reset_peak`; small blocks count as their pools do.
    int64_t peak;
    /// Bytes that the pools keep from the system: those in use, and free ones that were touched.
    int64_t reserved;
    /// Calls of `cresset_allocate` since the start.
    int64_t allocations;
} cresset_memory_statistics;

cresset_memory_statistics cresset_memory_read_statistics(void);
void cresset_memory_reset_peak(void);

/// Gives the pages of free large blocks back to the system.
void cresset_memory_trim(void);
