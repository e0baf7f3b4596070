// Modules, functions, launches.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "image.h"
#include "machine.h"
#include "memory.h"
#include "state.h"
#include "streams.h"

using namespace fake;

struct cr_function_s {
    const fake_kernel *kernel;
    std::string name;
    int device;
    uint32_t mostDynamic = 48 << 10;
    /// The code stays loaded while a queue or graph may run it.
    std::shared_ptr<void> library;
};

struct cr_module_s {
    std::shared_ptr<void> library;
    int device;
    std::unordered_map<std::string, std::unique_ptr<cr_function_s>> functions;
};

static constexpr uint32_t mostShared = 227 << 10;

/// Kernels look up the machine's functions among all symbols, however this library was opened.
static void showSymbols() {
    static bool isDone = false;
    if (isDone) return;
    isDone = true;
    Dl_info here;
    if (dladdr(reinterpret_cast<void *>(showSymbols), &here))
        dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

int cuModuleLoadData(cr_module *module, const void *image) {
    FAKE_ENTER_DEVICE;
    if (int status = checkUnsafeCall("cuModuleLoadData")) return status;
    showSymbols();
    const char *text = static_cast<const char *>(image);
    if (strncmp(text, imageMark, strlen(imageMark)))
        return refuse(invalidImage, "cuModuleLoadData: the image was not compiled by the fake NVRTC");
    void *library = dlopen(text + strlen(imageMark), RTLD_NOW | RTLD_LOCAL);
    if (!library) return refuse(invalidImage, "cuModuleLoadData: %s", dlerror());
    *module = new cr_module_s{{library, [](void *library) { dlclose(library); }}, currentDevice, {}};
    return success;
}

int cuModuleUnload(cr_module module) {
    FAKE_ENTER;
    if (!module) return invalidHandle;
    delete module;
    return success;
}

int cuModuleGetFunction(cr_function *function, cr_module module, const char *name) {
    FAKE_ENTER_DEVICE;
    if (!module) return invalidHandle;
    auto &known = module->functions[name];
    if (!known) {
        void *symbol = dlsym(module->library.get(), (std::string(name) + "_fake_kernel").c_str());
        if (!symbol) return refuse(notFound, "cuModuleGetFunction: no kernel is called %s (EXPORT?)", name);
        known.reset(new cr_function_s{static_cast<const fake_kernel *>(symbol), name, module->device});
        known->library = module->library;
    }
    *function = known.get();
    return success;
}

int cuFuncSetAttribute(cr_function function, int attribute, int value) {
    FAKE_ENTER;
    if (!function) return invalidHandle;
    // 8: the maximum dynamic shared memory; 9: how the cache is divided.
    if (attribute == 9) return success;
    if (attribute != 8) return refuse(invalidValue, "cuFuncSetAttribute: attribute %d", attribute);
    if (value < 0 || static_cast<uint32_t>(value) > mostShared)
        return refuse(
            invalidValue, "%s: %d bytes of shared memory requested, a block has at most %u", function->name.c_str(),
            value, mostShared);
    function->mostDynamic = static_cast<uint32_t>(value);
    return success;
}

int cuFuncGetAttribute(int *value, int attribute, cr_function function) {
    FAKE_ENTER;
    if (!function) return invalidHandle;
    switch (attribute) {
    case 0: *value = static_cast<int>(function->kernel->most_threads); return success;
    case 1: *value = static_cast<int>(staticSharedBytes(function->kernel)); return success;
    case 2:
    case 3: *value = 0; return success;
    case 4: *value = 32; return success;
    case 5:
    case 6: *value = 90; return success;
    case 8: *value = static_cast<int>(function->mostDynamic); return success;
    default: return refuse(invalidValue, "cuFuncGetAttribute: attribute %d", attribute);
    }
}

// MARK: Launches

namespace {

/// A kernel's parameters, as they were at the time of the launch.
struct Parameters {
    alignas(64) char bytes[4096];

    /// Words that are addresses of allocations.
    struct Pointer {
        size_t offset;
        uint64_t address, allocation;
    };
    std::vector<Pointer> pointers;

    void findPointers(size_t size) {
        for (size_t offset = 0; offset + 8 <= size; offset += 8) {
            uint64_t word;
            memcpy(&word, bytes + offset, 8);
            if (uint64_t allocation = allocationOf(word, 1)) pointers.push_back({offset, word, allocation});
        }
    }
};

}  // namespace

static int checkLaunch(const cr_function_s &f, const fake_dim3 &grid, const fake_dim3 &block, uint32_t shared) {
    const char *name = f.name.c_str();
    if (!grid.x || !grid.y || !grid.z || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
        return refuse(invalidValue, "%s: a grid of %u x %u x %u", name, grid.x, grid.y, grid.z);
    uint64_t threads = uint64_t(block.x) * block.y * block.z;
    if (!threads || threads > 1024 || block.z > 64)
        return refuse(invalidValue, "%s: blocks of %u x %u x %u", name, block.x, block.y, block.z);
    if (threads > f.kernel->most_threads)
        return refuse(
            launchOutOfResources, "%s: blocks of %u threads exceed its launch bounds of %u", name,
            static_cast<uint32_t>(threads), f.kernel->most_threads);
    if (shared > f.mostDynamic)
        return refuse(
            invalidValue, "%s: %u bytes of dynamic shared memory exceed the allowed %u", name, shared, f.mostDynamic);
    return success;
}

static int checkPointers(const cr_function_s &f, const Parameters &parameters) {
    for (auto &pointer : parameters.pointers)
        if (allocationOf(pointer.address, 1) != pointer.allocation)
            return refuse(
                illegalAddress,
                "%s in a graph: the memory at %p, byte %zu of its parameters, was freed after the capture", f.name.c_str(),
                reinterpret_cast<void *>(pointer.address), pointer.offset);
    return success;
}

int cuLaunchKernel(
    cr_function function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
    unsigned blockZ, unsigned sharedBytes, cr_stream stream, void **parameters, void **extra) {
    FAKE_ENTER_DEVICE;
    if (!function || !(stream = resolve(stream))) return invalidHandle;
    if (extra || !parameters || !parameters[0]) return invalidValue;
    if (function->device != currentDevice)
        return refuse(
            invalidHandle, "%s: loaded on device %d, but device %d is current", function->name.c_str(), function->device,
            currentDevice);
    fake_dim3 grid = {gridX, gridY, gridZ}, block = {blockX, blockY, blockZ};
    if (int status = checkLaunch(*function, grid, block, sharedBytes)) return status;
    auto own = std::make_shared<Parameters>();
    memcpy(own->bytes, parameters[0], function->kernel->parameter_bytes);
    if (isCapturing(stream)) own->findPointers(function->kernel->parameter_bytes);
    auto f = std::make_shared<cr_function_s>(*function);
    return enqueue(stream, [=] {
        if (int status = checkPointers(*f, *own)) return status;
        uint32_t most = sharedBytes > 48 << 10 ? mostShared : 48 << 10;
        return run({f->kernel, f->name.c_str(), grid, block, sharedBytes, most, own->bytes});
    });
}
