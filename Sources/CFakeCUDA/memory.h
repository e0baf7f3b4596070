// Memory of the devices, and memory of the host that they know.
#pragma once
#include <cstddef>
#include <cstdint>

namespace fake {

/// Zeros `address` where a device has no more memory.
int allocateDevice(int device, size_t bytes, uint64_t &address);
int freeDevice(uint64_t address);
size_t availableMemory(int device);
/// The number of the allocation that holds these bytes, 0 where none does. A number is never used again.
uint64_t allocationOf(uint64_t address, size_t bytes);
/// Whether the address lies where devices have their memory, allocated or not; safe in a signal handler.
bool isArena(const void *address);

/// The device whose allocation holds the address, -1 where none does.
int deviceOf(uint64_t address);

int allocatePinned(size_t bytes, void *&address);
int freePinned(void *address);
bool isPinned(const void *address, size_t bytes);

/// Lets a device touch its memory, and that of its peers, while it lives.
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
