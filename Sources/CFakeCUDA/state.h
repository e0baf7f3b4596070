// Settings from the environment, the single lock, and the reporting of errors.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>

namespace fake {

enum Status {
    success = 0,
    invalidValue = 1,
    outOfMemory = 2,
    notInitialized = 3,
    invalidDevice = 101,
    invalidImage = 200,
    invalidContext = 201,
    peerAlreadyEnabled = 704,
    invalidHandle = 400,
    notFound = 500,
    notReady = 600,
    illegalAddress = 700,
    launchOutOfResources = 701,
    launchFailed = 719,
    captureUnsupported = 900,
    captureInvalidated = 901,
    captureUnmatched = 903,
    captureUnjoined = 904,
    captureIsolation = 905,
    capturedEvent = 907,
    captureWrongThread = 908,
};

enum class Order { forward, reverse, random };

struct Settings {
    /// Of blocks and threads: a result that depends on it is a race.
    Order order = Order::forward;
    uint64_t seed = 1;
    /// Nothing runs until something waits for it, and streams are interleaved at random.
    bool isLate = false;
    /// The host cannot access device memory.
    bool isGuarded = false;
    int devices = 1;
    /// Whether devices can reach each other's memory.
    bool arePeers = true;
    /// Memory of each device in bytes.
    size_t memory = size_t(80) << 30;
};

const Settings &settings();

/// Held by every entry point that changes something, including while kernels run: one thing happens at a time.
std::mutex &theLock();
/// A sticky error, like a GPU's.
extern int stickyError;
/// The device whose context is current on this thread, -1 before there is one.
extern thread_local int currentDevice;

std::mt19937_64 &randomNumbers();

/// Prints the reason and returns the status.
int refuse(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// From now on faults name the kernel, block and thread; on this thread even when its stack is exhausted.
void watchFaults();

}  // namespace fake

/// Begins every entry point.
#define FAKE_ENTER                                             \
    std::lock_guard<std::mutex> entered(fake::theLock());      \
    if (fake::stickyError) return fake::stickyError
#define FAKE_ENTER_DEVICE \
    FAKE_ENTER;           \
    if (fake::currentDevice < 0) return fake::refuse(fake::invalidContext, "no context is current on this thread")
