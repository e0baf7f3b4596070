#include "state.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fake {

int stickyError = success;
thread_local int currentDevice = -1;

static bool isSet(const char *name) {
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0;
}

static Settings read() {
    Settings s;
    if (const char *order = getenv("CRESSET_FAKE_CUDA_ORDER")) {
        if (!strncmp(order, "reverse", 7)) s.order = Order::reverse;
        if (!strncmp(order, "random", 6)) s.order = Order::random;
        if (const char *seed = strchr(order, ':')) s.seed = strtoull(seed + 1, nullptr, 10);
    }
    s.isLate = isSet("CRESSET_FAKE_CUDA_LATE");
    s.isGuarded = isSet("CRESSET_FAKE_CUDA_GUARD");
    if (const char *devices = getenv("CRESSET_FAKE_CUDA_DEVICES")) {
        int count = atoi(devices);
        s.devices = count < 0 ? 0 : count > 16 ? 16 : count;
    }
    const char *peers = getenv("CRESSET_FAKE_CUDA_PEERS");
    s.arePeers = !peers || strcmp(peers, "0") != 0;
    if (const char *memory = getenv("CRESSET_FAKE_CUDA_MEMORY")) s.memory = strtoull(memory, nullptr, 10);
    return s;
}

const Settings &settings() {
    static const Settings values = read();
    return values;
}

// Never destroyed: threads may get here while the program exits.
std::mutex &theLock() {
    static std::mutex &lock = *new std::mutex;
    return lock;
}

std::mt19937_64 &randomNumbers() {
    static std::mt19937_64 &numbers = *new std::mt19937_64(settings().seed);
    return numbers;
}

int refuse(int status, const char *format, ...) {
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "fake CUDA: %s\n", text);
    return status;
}

}  // namespace fake
