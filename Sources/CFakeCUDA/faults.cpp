#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <mutex>

#include "machine.h"
#include "memory.h"
#include "state.h"

namespace fake {

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
static struct sigaction former[65];

static const char *meaning(int signal) {
    switch (signal) {
    case SIGILL:
    case SIGTRAP: return "misaligned access, or a trap";
    case SIGFPE: return "division of an integer by zero";
    default: return "illegal or misaligned address";
    }
}

static void tellFault(int signal, siginfo_t *info, void *) {
    char place[300], text[500];
    int length = 0;
    if (describePlace(place, sizeof place))
        length = snprintf(text, sizeof text, "fake CUDA: %s at %p in %s\n", meaning(signal), info->si_addr, place);
    else if (signal != SIGTRAP && signal != SIGILL && isArena(info->si_addr))
        length = snprintf(text, sizeof text, "fake CUDA: the host touched %p, which is device memory\n", info->si_addr);
    if (length > 0) (void)!write(2, text, static_cast<size_t>(length));
    // The former handler is called next, by the same fault.
    sigaction(signal, &former[signal], nullptr);
}

void watchFaults() {
    static thread_local bool hasStack = false;
    if (!hasStack) {
        hasStack = true;
        stack_t existing;
        if (sigaltstack(nullptr, &existing) == 0 && (existing.ss_flags & SS_DISABLE)) {
            size_t size = 64 << 10;
            stack_t own = {};
            own.ss_sp = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            own.ss_size = size;
            if (own.ss_sp != MAP_FAILED) sigaltstack(&own, nullptr);
        }
    }
    static std::once_flag once;
    std::call_once(once, [] {
        struct sigaction action = {};
        action.sa_sigaction = tellFault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        for (int signal : signals) sigaction(signal, &action, &former[signal]);
    });
}

}  // namespace fake
