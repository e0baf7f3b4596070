// Entry points for memory: allocation, copies, fills.
#include <cstring>
#include <memory>
#include <vector>

#include "entries.h"
#include "memory.h"
#include "state.h"
#include "streams.h"

using namespace fake;

static void *host(uint64_t address) { return reinterpret_cast<void *>(address); }

int cuMemGetInfo_v2(size_t *available, size_t *total) {
    FAKE_ENTER_DEVICE;
    *available = availableMemory(currentDevice);
    *total = settings().memory;
    return success;
}

int cuMemAlloc_v2(cr_device_pointer *pointer, size_t bytes) {
    FAKE_ENTER_DEVICE;
    if (int status = checkUnsafeCall("cuMemAlloc")) return status;
    if (!bytes) return refuse(invalidValue, "cuMemAlloc of no bytes");
    return allocateDevice(currentDevice, bytes, *pointer);
}

int cuMemFree_v2(cr_device_pointer pointer) {
    FAKE_ENTER;
    if (!pointer) return success;
    if (int status = checkUnsafeCall("cuMemFree")) return status;
    if (int status = drainAll()) return status;
    return freeDevice(pointer);
}

int cuMemHostAlloc(void **pointer, size_t bytes, unsigned flags) {
    FAKE_ENTER_DEVICE;
    if (int status = checkUnsafeCall("cuMemHostAlloc")) return status;
    if (!bytes || flags > 7) return invalidValue;
    return allocatePinned(bytes, *pointer);
}

int cuMemFreeHost(void *pointer) {
    FAKE_ENTER;
    if (int status = checkUnsafeCall("cuMemFreeHost")) return status;
    if (int status = drainAll()) return status;
    return freePinned(pointer);
}

// MARK: Copies

static int checkDevice(const char *call, uint64_t address, size_t bytes) {
    if (allocationOf(address, bytes)) return success;
    return refuse(invalidValue, "%s: %zu bytes at %p are not within an allocation", call, bytes, host(address));
}

static int checkHost(const char *call, const void *address) {
    if (!isArena(address)) return success;
    return refuse(invalidValue, "%s: %p is device memory, not the host's", call, address);
}

int cuMemcpyHtoDAsync_v2(cr_device_pointer to, const void *from, size_t bytes, cr_stream stream) {
    static const char *call = "cuMemcpyHtoDAsync";
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return invalidHandle;
    if (!bytes) return success;
    if (int status = checkDevice(call, to, bytes)) return status;
    if (int status = checkHost(call, from)) return status;
    std::shared_ptr<std::vector<char>> staged;
    // Pageable memory is read at the call; pinned memory and copies in a graph are read when the copy runs.
    if (settings().isLate && !isCapturing(stream) && !isPinned(from, bytes)) {
        auto begin = static_cast<const char *>(from);
        staged = std::make_shared<std::vector<char>>(begin, begin + bytes);
    }
    return enqueue(stream, [=] {
        if (int status = checkDevice(call, to, bytes)) return status;
        memcpy(host(to), staged ? staged->data() : from, bytes);
        return 0;
    });
}

int cuMemcpyDtoHAsync_v2(void *to, cr_device_pointer from, size_t bytes, cr_stream stream) {
    static const char *call = "cuMemcpyDtoHAsync";
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return invalidHandle;
    if (!bytes) return success;
    if (int status = checkDevice(call, from, bytes)) return status;
    if (int status = checkHost(call, to)) return status;
    int status = enqueue(stream, [=] {
        if (int status = checkDevice(call, from, bytes)) return status;
        memcpy(to, host(from), bytes);
        return 0;
    });
    // A copy to pageable memory is complete when the call returns.
    return status || isCapturing(stream) || isPinned(to, bytes) ? status : drainStream(stream);
}

static int copyOnDevice(const char *call, uint64_t to, uint64_t from, size_t bytes, cr_stream stream) {
    if (!bytes) return success;
    if (int status = checkDevice(call, to, bytes)) return status;
    if (int status = checkDevice(call, from, bytes)) return status;
    if (from < to + bytes && to < from + bytes)
        return refuse(invalidValue, "%s: source and destination overlap", call);
    return enqueue(stream, [=] {
        if (int status = checkDevice(call, to, bytes)) return status;
        if (int status = checkDevice(call, from, bytes)) return status;
        memcpy(host(to), host(from), bytes);
        return 0;
    });
}

int cuMemcpyDtoDAsync_v2(cr_device_pointer to, cr_device_pointer from, size_t bytes, cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return invalidHandle;
    return copyOnDevice("cuMemcpyDtoDAsync", to, from, bytes, stream);
}

struct cr_context_s {
    int device;
};

int cuMemcpyPeerAsync(
    cr_device_pointer to, cr_context toContext, cr_device_pointer from, cr_context fromContext, size_t bytes,
    cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!toContext || !fromContext) return invalidContext;
    if (!(stream = resolve(stream))) return invalidHandle;
    int devices[2] = {toContext->device, fromContext->device};
    if (!bytes) return success;
    if (deviceOf(to) != devices[0] || deviceOf(from) != devices[1])
        return refuse(invalidValue, "cuMemcpyPeerAsync: an address is not of its context's device");
    if (int status = checkDevice("cuMemcpyPeerAsync", to, bytes)) return status;
    if (int status = checkDevice("cuMemcpyPeerAsync", from, bytes)) return status;
    return enqueue(stream, [=] {
        OpenMemory one(devices[0]), other(devices[1]);
        memcpy(host(to), host(from), bytes);
        return 0;
    });
}

// MARK: Fills

int cuMemsetD8Async(cr_device_pointer pointer, unsigned char value, size_t count, cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return invalidHandle;
    if (!count) return success;
    if (int status = checkDevice("cuMemsetD8Async", pointer, count)) return status;
    return enqueue(stream, [=] {
        memset(host(pointer), value, count);
        return 0;
    });
}

int cuMemsetD32Async(cr_device_pointer pointer, unsigned value, size_t count, cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return invalidHandle;
    if (!count) return success;
    if (pointer % 4) return refuse(invalidValue, "cuMemsetD32Async: the address is not a multiple of 4");
    if (int status = checkDevice("cuMemsetD32Async", pointer, count * 4)) return status;
    return enqueue(stream, [=] {
        auto words = static_cast<unsigned *>(host(pointer));
        for (size_t i = 0; i < count; i++) words[i] = value;
        return 0;
    });
}
