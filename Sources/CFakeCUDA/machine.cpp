#include "machine.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "fibers.h"
#include "state.h"

namespace fake {

static constexpr unsigned char stripByte = 0xa5;
static constexpr size_t dynamicBytes = 256 << 10;

static const Launch *current;
static std::vector<fake_shared_array *> &openArrays = *new std::vector<fake_shared_array *>;
static uint32_t sharedUsed;
static std::unordered_map<const fake_kernel *, uint32_t> &staticBytes =
    *new std::unordered_map<const fake_kernel *, uint32_t>;

uint32_t staticSharedBytes(const fake_kernel *kernel) {
    auto found = staticBytes.find(kernel);
    return found == staticBytes.end() ? 0 : found->second;
}

bool describePlace(char *text, size_t size) {
    if (!current || !fake_current) return false;
    fake_dim3 b = fake_running_block.block, g = current->grid, t = fake_current->thread;
    snprintf(
        text, size, "%s, block (%u,%u,%u) of (%u,%u,%u), thread (%u,%u,%u)", current->name, b.x, b.y, b.z, g.x, g.y,
        g.z, t.x, t.y, t.z);
    return true;
}

/// Shared memory that ends at a page that must not be touched.
static unsigned char *dynamicShared(uint32_t bytes) {
    static unsigned char *end = [] {
        char *memory = static_cast<char *>(mmap(
            nullptr, dynamicBytes + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        mprotect(memory + dynamicBytes, 4096, PROT_NONE);
        return reinterpret_cast<unsigned char *>(memory) + dynamicBytes;
    }();
    return end - ((bytes + 15) & ~15u);
}

static const fake_shared_array *overrunArray() {
    for (const fake_shared_array *array : openArrays) {
        const unsigned char *before = array->memory, *behind = array->memory + fake_strip + array->bytes;
        for (int i = 0; i < fake_strip; i++)
            if (before[i] != stripByte || behind[i] != stripByte) return array;
    }
    return nullptr;
}

static int runBlock(const Launch &launch, uint64_t index) {
    const fake_dim3 &grid = launch.grid;
    fake_running_block.block = {
        static_cast<uint32_t>(index % grid.x), static_cast<uint32_t>(index / grid.x % grid.y),
        static_cast<uint32_t>(index / grid.x / grid.y)};
    fake_running_block.epoch++;
    if (launch.dynamicSharedBytes) memset(fake_running_block.dynamic_shared, 0xff, launch.dynamicSharedBytes);
    openArrays.clear();
    sharedUsed = launch.dynamicSharedBytes;
    bool ended = block.run(launch);
    const fake_dim3 &at = fake_running_block.block;
    if (!ended)
        return refuse(
            launchFailed, "%s, block (%u,%u,%u): %s", launch.name, at.x, at.y, at.z, block.problem.c_str());
    if (const fake_shared_array *array = overrunArray())
        return refuse(
            illegalAddress, "%s, block (%u,%u,%u): written outside the shared array %s", launch.name, at.x, at.y, at.z,
            array->name);
    return success;
}

int run(const Launch &launch) {
    current = &launch;
    fake_running_block.block_size = launch.block;
    fake_running_block.grid_size = launch.grid;
    fake_running_block.dynamic_shared = dynamicShared(launch.dynamicSharedBytes);
    uint64_t count = uint64_t(launch.grid.x) * launch.grid.y * launch.grid.z;
    std::vector<uint64_t> shuffled;
    if (settings().order == Order::random) {
        shuffled.resize(count);
        for (uint64_t i = 0; i < count; i++) shuffled[i] = i;
        std::shuffle(shuffled.begin(), shuffled.end(), randomNumbers());
    }
    int status = success;
    for (uint64_t i = 0; i < count && status == success; i++) {
        bool isReverse = settings().order == Order::reverse;
        status = runBlock(launch, !shuffled.empty() ? shuffled[i] : isReverse ? count - 1 - i : i);
    }
    current = nullptr;
    fake_current = nullptr;
    return status;
}

}  // namespace fake

void fake_open_shared(fake_shared_array *array) {
    using namespace fake;
    memset(array->memory, stripByte, fake_strip);
    memset(array->memory + fake_strip, 0xff, array->bytes);
    memset(array->memory + fake_strip + array->bytes, stripByte, fake_strip);
    array->epoch = fake_running_block.epoch;
    openArrays.push_back(array);
    sharedUsed += (array->bytes + 15) & ~15u;
    uint32_t own = sharedUsed - current->dynamicSharedBytes;
    uint32_t &most = staticBytes[current->kernel];
    most = std::max(most, own);
    if (own > 48 << 10) block.fail("%u bytes of static shared memory: the limit is 49152", own);
    if (sharedUsed > current->mostSharedBytes)
        block.fail(
            "%u bytes of shared memory, %u of them dynamic: the limit is %u", sharedUsed, current->dynamicSharedBytes,
            current->mostSharedBytes);
}
