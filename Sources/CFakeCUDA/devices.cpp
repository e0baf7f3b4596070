// Devices and contexts: the attributes of an H100.
#include <cstdio>
#include <cstring>

#include "entries.h"
#include "memory.h"
#include "state.h"

using namespace fake;

struct cr_context_s {
    int device;
};
static cr_context_s contexts[16] = {{0}, {1}, {2},  {3},  {4},  {5},  {6},  {7},
                                    {8}, {9}, {10}, {11}, {12}, {13}, {14}, {15}};

static bool isDevice(int device) { return device >= 0 && device < settings().devices; }

int cuInit(unsigned flags) { return flags ? invalidValue : success; }

int cuDriverGetVersion(int *version) {
    *version = 13000;
    return success;
}

int cuDeviceGetCount(int *count) {
    *count = settings().devices;
    return success;
}

int cuDeviceGet(int *device, int ordinal) {
    if (!isDevice(ordinal)) return invalidDevice;
    *device = ordinal;
    return success;
}

int cuDeviceGetName(char *name, int length, int device) {
    if (!isDevice(device) || length < 1) return invalidDevice;
    snprintf(name, static_cast<size_t>(length), "fake GPU");
    return success;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
    if (!isDevice(device)) return invalidDevice;
    *bytes = settings().memory;
    return success;
}

int cuDeviceGetPCIBusId(char *name, int length, int device) {
    if (!isDevice(device) || length < 13) return invalidDevice;
    snprintf(name, static_cast<size_t>(length), "0000:%02x:00.0", device + 1);
    return success;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
    static const struct {
        int attribute, value;
    } known[] = {
        {1, 1024},      // threads per block
        {2, 1024},      // of them along x, y, z
        {3, 1024},
        {4, 64},
        {5, 0x7fffffff},  // blocks along x, y, z
        {6, 65535},
        {7, 65535},
        {8, 48 << 10},  // shared memory per block
        {10, 32},       // lanes
        {12, 65536},    // registers per block
        {13, 1980000},  // kHz
        {16, 132},      // multiprocessors
        {36, 2619000},  // memory clock in kHz
        {37, 5120},     // memory bus width in bits
        {38, 50 << 20},  // L2 cache
        {39, 2048},     // threads per multiprocessor
        {41, 1},        // unified addressing
        {75, 9},        // compute capability
        {76, 0},
        {81, 228 << 10},  // shared memory per multiprocessor
        {82, 65536},    // registers per multiprocessor
        {97, 227 << 10},  // opt-in shared memory per block
        {106, 32},      // blocks per multiprocessor
    };
    if (!isDevice(device)) return invalidDevice;
    for (auto &row : known)
        if (row.attribute == attribute) {
            *value = row.value;
            return success;
        }
    return refuse(invalidValue, "cuDeviceGetAttribute: attribute %d is not known", attribute);
}

int cuDevicePrimaryCtxRetain(cr_context *context, int device) {
    if (!isDevice(device)) return invalidDevice;
    *context = &contexts[device];
    return success;
}

int cuCtxSetCurrent(cr_context context) {
    watchFaults();
    currentDevice = context ? context->device : -1;
    return success;
}

int cuDeviceCanAccessPeer(int *can, int device, int peer) {
    if (!isDevice(device) || !isDevice(peer)) return invalidDevice;
    *can = device != peer && settings().arePeers;
    return success;
}

int cuCtxEnablePeerAccess(cr_context peer, unsigned flags) {
    FAKE_ENTER_DEVICE;
    if (!peer || flags || peer->device == currentDevice) return invalidDevice;
    if (isPeerEnabled(currentDevice, peer->device)) return peerAlreadyEnabled;
    enablePeer(currentDevice, peer->device);
    return success;
}

int cuProfilerStart() { return success; }
int cuProfilerStop() { return success; }

// MARK: Errors

static const struct {
    int status;
    const char *name, *text;
} errors[] = {
    {success, "CUDA_SUCCESS", "no error"},
    {invalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {outOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {notInitialized, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {invalidDevice, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {invalidImage, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {invalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {invalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {notFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {notReady, "CUDA_ERROR_NOT_READY", "device not ready"},
    {illegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {launchOutOfResources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {peerAlreadyEnabled, "CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED", "peer access is already enabled"},
    {launchFailed, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {captureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "not permitted while a stream is capturing"},
    {captureInvalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "failed due to a previous error during capture"},
    {captureUnmatched, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not started in this stream"},
    {captureUnjoined, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {captureIsolation, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency on uncaptured work in another stream"},
    {capturedEvent, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capture"},
    {captureWrongThread, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "capture was not started in this thread"},
};

int cuGetErrorName(int error, const char **name) {
    for (auto &row : errors)
        if (row.status == error) {
            *name = row.name;
            return success;
        }
    *name = nullptr;
    return invalidValue;
}

int cuGetErrorString(int error, const char **text) {
    for (auto &row : errors)
        if (row.status == error) {
            *text = row.text;
            return success;
        }
    *text = nullptr;
    return invalidValue;
}
