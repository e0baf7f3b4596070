// The interface between kernels and the fake driver.
#pragma once

struct fake_dim3 { unsigned x, y, z; };
struct fake_thread {
    fake_dim3 thread;
    unsigned lane, warp, linear;
};
struct fake_block {
    fake_dim3 block, block_size, grid_size;
    // A new number for each block that runs: shared arrays with an older one do not belong to this block.
    unsigned epoch;
    unsigned char *dynamic_shared;
};
// How the driver finds a kernel: the size of its single parameter, and a call that unpacks it.
struct fake_kernel {
    void (*call)(const void *parameters);
    unsigned parameter_bytes, most_threads;
};
// An array of shared memory, between two guard strips that nothing may write to.
enum { fake_strip = 64 };
struct fake_shared_array {
    unsigned epoch, bytes;
    unsigned char *memory;
    const char *name;
};

extern "C" {
extern fake_thread *fake_current;
extern fake_block fake_running_block;
void fake_sync_threads(const char *where);
void fake_sync_warp(unsigned mask, const char *where);
// Gives `mine` to the lanes of `mask`, and receives lane `source`'s value.
void fake_shuffle(
    unsigned mask, const void *mine, unsigned source, void *theirs, unsigned bytes, const char *where);
// Receives what all 32 lanes gave.
void fake_gather(const void *mine, void *all, unsigned bytes, const char *where);
unsigned fake_ballot(unsigned mask, bool vote, const char *where);
void fake_open_shared(fake_shared_array *array);
}
