#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <vector>

#include "state.h"

namespace fake {

static constexpr uint64_t page = 4096;
/// New memory is filled with NaN, up to this size, so that a program may allocate most of the device without touching
/// it.
static constexpr size_t mostFilled = size_t(256) << 20;

struct Allocation {
    size_t bytes;
    uint64_t serial;
    int device;
    uint64_t firstPage() const { return start & ~(page - 1); }
    size_t pageBytes() const { return ((start + bytes + page - 1) & ~(page - 1)) - firstPage(); }
    uint64_t start;
};

struct DeviceMemory {
    /// Unbacked address space, larger than the memory, so that a freed address is not reused at once.
    char *arena = nullptr;
    size_t arenaBytes = 0;
    std::map<uint64_t, uint64_t> holes;
    uint64_t cursor = 0;
    size_t used = 0;
    uint32_t peers = 0;
};

static DeviceMemory *devices[16];
static std::map<uint64_t, Allocation> &allocations = *new std::map<uint64_t, Allocation>;
static std::map<uint64_t, size_t> &pinned = *new std::map<uint64_t, size_t>;
static uint64_t nextSerial = 1;

static DeviceMemory *memoryOf(int device) {
    if (devices[device]) return devices[device];
    auto *memory = new DeviceMemory;
    memory->arenaBytes = settings().memory * 2 + (size_t(1) << 30);
    void *arena = mmap(
        nullptr, memory->arenaBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arena == MAP_FAILED) {
        delete memory;
        return nullptr;
    }
    memory->arena = static_cast<char *>(arena);
    memory->cursor = reinterpret_cast<uint64_t>(arena);
    memory->holes[memory->cursor] = memory->arenaBytes;
    return devices[device] = memory;
}

bool isArena(const void *address) {
    for (const DeviceMemory *memory : devices)
        if (memory && address >= memory->arena && address < memory->arena + memory->arenaBytes) return true;
    return false;
}

// MARK: Address space

/// The first hole after the last one taken, so that stale addresses stay invalid as long as possible.
static uint64_t takeHole(DeviceMemory &memory, uint64_t bytes) {
    auto start = memory.holes.lower_bound(memory.cursor);
    auto fits = [&](const std::pair<const uint64_t, uint64_t> &hole) { return hole.second >= bytes; };
    auto found = std::find_if(start, memory.holes.end(), fits);
    if (found == memory.holes.end()) found = std::find_if(memory.holes.begin(), memory.holes.end(), fits);
    if (found == memory.holes.end()) return 0;
    auto [address, size] = *found;
    memory.holes.erase(found);
    if (size > bytes) memory.holes[address + bytes] = size - bytes;
    memory.cursor = address + bytes;
    return address;
}

static void giveHole(DeviceMemory &memory, uint64_t address, uint64_t bytes) {
    auto after = memory.holes.lower_bound(address);
    if (after != memory.holes.end() && after->first == address + bytes) {
        bytes += after->second;
        after = memory.holes.erase(after);
    }
    if (after != memory.holes.begin()) {
        auto before = std::prev(after);
        if (before->first + before->second == address) {
            before->second += bytes;
            return;
        }
    }
    memory.holes[address] = bytes;
}

// MARK: Devices

static void fill(char *memory, size_t bytes) {
    if (bytes <= mostFilled) {
        memset(memory, 0xff, bytes);
    } else {
        memset(memory, 0xff, mostFilled / 2);
        memset(memory + bytes - mostFilled / 2, 0xff, mostFilled / 2);
    }
}

int allocateDevice(int device, size_t bytes, uint64_t &address) {
    DeviceMemory *memory = memoryOf(device);
    if (!memory || bytes > settings().memory - memory->used) return outOfMemory;
    uint64_t pages = (bytes + page - 1) & ~(page - 1);
    // Each is followed by a page that must not be touched.
    uint64_t start = takeHole(*memory, pages + page);
    if (!start) return outOfMemory;
    char *at = reinterpret_cast<char *>(start);
    if (mprotect(at, pages, PROT_READ | PROT_WRITE) != 0) {
        giveHole(*memory, start, pages + page);
        return outOfMemory;
    }
    fill(at, pages);
    if (settings().isGuarded) {
        mprotect(at, pages, PROT_NONE);
        // Ends as close to that page as an alignment of 512 allows.
        start += (pages - bytes) & ~uint64_t(511);
    }
    Allocation allocation;
    allocation.bytes = bytes;
    allocation.serial = nextSerial++;
    allocation.device = device;
    allocation.start = start;
    allocations[start] = allocation;
    memory->used += bytes;
    address = start;
    return success;
}

int freeDevice(uint64_t address) {
    auto found = allocations.find(address);
    if (found == allocations.end())
        return refuse(invalidValue, "cuMemFree: %p was not allocated", reinterpret_cast<void *>(address));
    Allocation allocation = found->second;
    allocations.erase(found);
    DeviceMemory &memory = *devices[allocation.device];
    memory.used -= allocation.bytes;
    void *at = reinterpret_cast<void *>(allocation.firstPage());
    madvise(at, allocation.pageBytes(), MADV_DONTNEED);
    mprotect(at, allocation.pageBytes(), PROT_NONE);
    giveHole(memory, allocation.firstPage(), allocation.pageBytes() + page);
    return success;
}

size_t availableMemory(int device) { return settings().memory - (devices[device] ? devices[device]->used : 0); }

uint64_t allocationOf(uint64_t address, size_t bytes) {
    auto after = allocations.upper_bound(address);
    if (after == allocations.begin()) return 0;
    const Allocation &allocation = std::prev(after)->second;
    uint64_t offset = address - allocation.start;
    return offset <= allocation.bytes && bytes <= allocation.bytes - offset ? allocation.serial : 0;
}

int deviceOf(uint64_t address) {
    auto after = allocations.upper_bound(address);
    if (after == allocations.begin()) return -1;
    const Allocation &allocation = std::prev(after)->second;
    return address - allocation.start < allocation.bytes ? allocation.device : -1;
}

static void protect(int device, int protection) {
    for (auto &[address, allocation] : allocations)
        if (allocation.device == device || isPeerEnabled(device, allocation.device))
            mprotect(reinterpret_cast<void *>(allocation.firstPage()), allocation.pageBytes(), protection);
}

OpenMemory::OpenMemory(int device) : device(device) {
    if (settings().isGuarded) protect(device, PROT_READ | PROT_WRITE);
}

OpenMemory::~OpenMemory() {
    if (settings().isGuarded) protect(device, PROT_NONE);
}

void enablePeer(int device, int peer) {
    if (DeviceMemory *memory = memoryOf(device)) memory->peers |= 1u << peer;
}

bool isPeerEnabled(int device, int peer) { return devices[device] && (devices[device]->peers >> peer & 1); }

// MARK: The host's

int allocatePinned(size_t bytes, void *&address) {
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return outOfMemory;
    pinned[reinterpret_cast<uint64_t>(memory)] = bytes;
    address = memory;
    return success;
}

int freePinned(void *address) {
    auto found = pinned.find(reinterpret_cast<uint64_t>(address));
    if (found == pinned.end()) return refuse(invalidValue, "cuMemFreeHost: %p was not allocated", address);
    munmap(address, found->second);
    pinned.erase(found);
    return success;
}

bool isPinned(const void *address, size_t bytes) {
    uint64_t at = reinterpret_cast<uint64_t>(address);
    auto after = pinned.upper_bound(at);
    if (after == pinned.begin()) return false;
    auto block = std::prev(after);
    return at + bytes <= block->first + block->second;
}

}  // namespace fake
