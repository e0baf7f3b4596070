// Device memory, and the host memory registered with the devices.
#pragma once
#include <cstddef>
#include <cstdint>

namespace fake {

/// Sets `address` to 0 if a device has no more memory.
int allocateDevice(int device, size_t bytes, uint64_t &address);
int freeDevice(uint64_t address);
size_t availableMemory(int device);
/// The number of the allocation that contains these bytes, 0 if none does. A number is never reused.
uint64_t allocationOf(uint64_t address, size_t bytes);
/// Whether the address is in the range of device memory, allocated or not; safe in a signal handler.
bool isArena(const void *address);

/// The device whose allocation contains the address, -1 if none does.
int deviceOf(uint64_t address);

int allocatePinned(size_t bytes, void *&address);
int freePinned(void *address);
bool isPinned(const void *address, size_t bytes);

/// Lets a device access its memory, and that of its peers, while this object lives.
class OpenMemory {
  public:
    explicit OpenMemory(int device);
    ~OpenMemory();

  private:
    int device;
};

void enablePeer(int device, int peer);
bool isPeerEnabled(int device, int peer);

}  // namespace fake
