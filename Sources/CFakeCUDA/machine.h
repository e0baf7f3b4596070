// A streaming multiprocessor: runs the blocks of a launch one after another.
#pragma once
#include <cstddef>
#include <cstdint>

#include "Device/fake_abi.h"

namespace fake {

struct Launch {
    const fake_kernel *kernel;
    const char *name;
    fake_dim3 grid, block;
    uint32_t dynamicSharedBytes;
    /// The limit of static and dynamic shared memory together.
    uint32_t mostSharedBytes;
    const void *parameters;
};

/// Runs a kernel to its end. Called under the lock.
int run(const Launch &launch);
/// The largest static shared memory that a block of this kernel has used.
uint32_t staticSharedBytes(const fake_kernel *kernel);
/// Describes the place reached in a kernel, for a message about a fault; false between kernels.
bool describePlace(char *text, size_t size);

}  // namespace fake
