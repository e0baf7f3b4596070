// The threads of a block, taking turns on one host thread.
//
// A thread needs its own stack only from its first barrier or shuffle on: a fiber runs fresh threads one after another
// until one has to wait, and that one then keeps the fiber.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "machine.h"

namespace fake {

struct Fiber {
    void *stackPointer;
    char *top;
};

enum class Exchange : uint8_t { barrier, shuffle, gather, ballot };

struct Thread : fake_thread {
    Fiber *fiber;
    /// What it waits for: nullptr while it runs or when it is done.
    const char *where;
    uint32_t mask, source, bytes;
    Exchange exchange;
    bool isDone, isInBarrier;
    const void *mine;
    void *theirs;
};

class Block {
  public:
    /// Runs the block that `fake_running_block` describes. Returns false and sets `problem` if it cannot finish.
    bool run(const Launch &launch);
    std::string problem;

    void waitForBlock(const char *where);
    void waitForWarp(
        Exchange kind, uint32_t mask, const void *mine, uint32_t source, void *theirs, uint32_t bytes,
        const char *where);
    /// Ends the block with a problem; control returns to `run`, not to the caller.
    [[noreturn]] void fail(const char *format, ...) __attribute__((format(printf, 2, 3)));

  private:
    static void fiberMain();
    void runFreshThreads();
    void prepare(fake_dim3 size);
    void arrange();
    Fiber *idleFiber();
    void leave(Fiber *from);
    Thread *takeReady();
    void makeReady(Thread &thread);
    bool isComplete(const Thread &last, uint32_t lanes) const;
    void exchange(uint32_t first, uint32_t lanes);
    void describeWaiting();
    void abandon();
    Thread &current() { return *static_cast<Thread *>(fake_current); }

    const Launch *launch = nullptr;
    fake_dim3 size = {0, 0, 0};
    uint32_t count = 0, fresh = 0, live = 0, arrived = 0, cursor = 0;
    const char *barrier = nullptr;
    std::vector<Thread> threads;
    /// The order in which threads get their turns, and each thread's place in it.
    std::vector<uint16_t> order, places;
    std::vector<uint32_t> waitingLanes;
    uint64_t ready[16] = {};
    std::vector<Fiber *> fibers, idle;
    Fiber *running = nullptr;
    void *home = nullptr;
    std::minstd_rand dice;
};

extern Block &block;

}  // namespace fake
