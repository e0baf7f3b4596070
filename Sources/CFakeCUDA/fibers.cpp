#include "fibers.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "context_switch.h"
#include "state.h"

fake_thread *fake_current;
fake_block fake_running_block;

namespace fake {

Block &block = *new Block;

static constexpr size_t stackBytes = 128 << 10, guardBytes = 4096;

// MARK: Stacks

Fiber *Block::idleFiber() {
    if (!idle.empty()) {
        Fiber *fiber = idle.back();
        idle.pop_back();
        return fiber;
    }
    void *memory = mmap(
        nullptr, stackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) fail("no memory for a thread's stack");
    mprotect(memory, guardBytes, PROT_NONE);
    // Tops at equal distances would all fall into the same cache set.
    char *top = static_cast<char *>(memory) + stackBytes - 64 - fibers.size() % 61 * 320;
    Fiber *fiber = new Fiber{freshStack(top, fiberMain), top};
    fibers.push_back(fiber);
    return fiber;
}

/// Takes all stacks back from threads that will never finish.
void Block::abandon() {
    idle = fibers;
    for (Fiber *fiber : fibers) fiber->stackPointer = freshStack(fiber->top, fiberMain);
}

// MARK: Turns

void Block::fiberMain() { block.runFreshThreads(); }

void Block::runFreshThreads() {
    for (;;) {
        while (fresh < count) {
            Thread &thread = threads[order[fresh++]];
            fake_current = &thread;
            launch->kernel->call(launch->parameters);
            current().isDone = true;
            live--;
        }
        Fiber *self = running;
        idle.push_back(self);
        leave(self);
    }
}

Thread *Block::takeReady() {
    uint32_t words = (count + 63) / 64, start = settings().order == Order::random ? dice() % count : cursor;
    uint32_t word = start / 64;
    uint64_t bits = ready[word] & ~uint64_t(0) << (start % 64);
    for (uint32_t step = 0; step <= words; step++) {
        if (bits) {
            uint32_t place = word * 64 + static_cast<uint32_t>(__builtin_ctzll(bits));
            ready[word] &= ~(uint64_t(1) << (place % 64));
            cursor = place + 1 == count ? 0 : place + 1;
            return &threads[order[place]];
        }
        word = word + 1 == words ? 0 : word + 1;
        bits = ready[word];
    }
    return nullptr;
}

void Block::makeReady(Thread &thread) {
    thread.where = nullptr;
    uint32_t place = places[thread.linear];
    ready[place / 64] |= uint64_t(1) << (place % 64);
}

/// Continues with any thread that can run; with `run` if there is none.
void Block::leave(Fiber *from) {
    // A warp runs as far as it can before the next begins; in random order any thread may be next.
    bool begins = fresh < count && settings().order == Order::random && dice() % 2 == 0;
    Thread *thread = begins ? nullptr : takeReady();
    void *next = home;
    if (thread) {
        fake_current = thread;
        running = thread->fiber;
        next = running->stackPointer;
    } else if (fresh < count) {
        running = idleFiber();
        next = running->stackPointer;
    }
    fake_switch(&from->stackPointer, next);
}

void Block::fail(const char *format, ...) {
    char text[500];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    problem = text;
    void *lost;
    fake_switch(&lost, home);
    __builtin_trap();
}

// MARK: Barriers

void Block::waitForBlock(const char *where) {
    if (arrived == 0) barrier = where;
    if (barrier != where && strcmp(barrier, where) != 0)
        fail("some threads of a block wait at the barrier of %s, others at that of %s", barrier, where);
    Thread &self = current();
    if (++arrived == count) {
        arrived = 0;
        for (uint32_t i = 0; i < count; i++) {
            threads[i].isInBarrier = false;
            threads[i].where = nullptr;
        }
        for (uint32_t word = 0; word * 64 < count; word++)
            ready[word] = count - word * 64 >= 64 ? ~uint64_t(0) : (uint64_t(1) << (count - word * 64)) - 1;
        uint32_t place = places[self.linear];
        ready[place / 64] &= ~(uint64_t(1) << (place % 64));
        cursor = 0;
        return;
    }
    self.where = where;
    self.isInBarrier = true;
    self.fiber = running;
    leave(running);
}

bool Block::isComplete(const Thread &last, uint32_t lanes) const {
    uint32_t first = last.warp * 32;
    for (uint32_t left = lanes; left; left &= left - 1) {
        const Thread &other = threads[first + static_cast<uint32_t>(__builtin_ctz(left))];
        if (other.where != last.where || other.mask != last.mask) return false;
    }
    return true;
}

void Block::exchange(uint32_t first, uint32_t lanes) {
    Exchange kind = threads[first + static_cast<uint32_t>(__builtin_ctz(lanes))].exchange;
    if (kind == Exchange::barrier) return;
    uint32_t votes = 0;
    if (kind == Exchange::ballot)
        for (uint32_t left = lanes; left; left &= left - 1) {
            uint32_t lane = static_cast<uint32_t>(__builtin_ctz(left));
            votes |= static_cast<uint32_t>(*static_cast<const bool *>(threads[first + lane].mine)) << lane;
        }
    for (uint32_t left = lanes; left; left &= left - 1) {
        Thread &thread = threads[first + static_cast<uint32_t>(__builtin_ctz(left))];
        uint32_t bytes = thread.bytes;
        switch (kind) {
        case Exchange::barrier: break;
        case Exchange::ballot: memcpy(thread.theirs, &votes, 4); break;
        case Exchange::shuffle:
            // A value from a lane outside the mask is undefined: here it is NaN.
            if (lanes >> thread.source & 1)
                memcpy(thread.theirs, threads[first + thread.source].mine, bytes);
            else
                memset(thread.theirs, 0xff, bytes);
            break;
        case Exchange::gather:
            for (uint32_t lane = 0; lane < 32; lane++) {
                char *place = static_cast<char *>(thread.theirs) + lane * bytes;
                if (lanes >> lane & 1)
                    memcpy(place, threads[first + lane].mine, bytes);
                else
                    memset(place, 0xff, bytes);
            }
        }
    }
}

void Block::waitForWarp(
    Exchange kind, uint32_t mask, const void *mine, uint32_t source, void *theirs, uint32_t bytes, const char *where) {
    Thread &self = current();
    if (!(mask >> self.lane & 1)) fail("at %s lane %u is not in its own mask %08x", where, self.lane, mask);
    self.exchange = kind;
    self.mask = mask;
    self.mine = mine;
    self.source = source;
    self.theirs = theirs;
    self.bytes = bytes;
    self.where = where;
    uint32_t first = self.warp * 32, &waiting = waitingLanes[self.warp];
    waiting |= 1u << self.lane;
    // Lanes beyond the end of the block count as arrived.
    uint32_t lanes = count - first >= 32 ? mask : mask & ((1u << (count - first)) - 1);
    if ((waiting & lanes) != lanes || !isComplete(self, lanes)) {
        self.fiber = running;
        leave(running);
        return;
    }
    exchange(first, lanes);
    waiting &= ~lanes;
    for (uint32_t left = lanes & ~(1u << self.lane); left; left &= left - 1)
        makeReady(threads[first + static_cast<uint32_t>(__builtin_ctz(left))]);
    self.where = nullptr;
}

// MARK: A block

void Block::prepare(fake_dim3 wanted) {
    if (wanted.x == size.x && wanted.y == size.y && wanted.z == size.z) return;
    size = wanted;
    count = size.x * size.y * size.z;
    threads.assign(count, Thread{});
    order.resize(count);
    places.resize(count);
    for (uint32_t i = 0; i < count; i++) {
        threads[i].thread = {i % size.x, i / size.x % size.y, i / size.x / size.y};
        threads[i].lane = i % 32;
        threads[i].warp = i / 32;
        threads[i].linear = i;
        order[i] = static_cast<uint16_t>(settings().order == Order::reverse ? count - 1 - i : i);
        places[order[i]] = 0;
    }
    for (uint32_t i = 0; i < count; i++) places[order[i]] = static_cast<uint16_t>(i);
}

void Block::arrange() {
    if (settings().order != Order::random) return;
    dice.seed(static_cast<uint32_t>(randomNumbers()()));
    std::shuffle(order.begin(), order.end(), dice);
    for (uint32_t i = 0; i < count; i++) places[order[i]] = static_cast<uint16_t>(i);
}

void Block::describeWaiting() {
    for (const Thread &thread : threads) {
        if (!thread.where) continue;
        char text[500];
        int length = snprintf(
            text, sizeof text, "thread (%u,%u,%u) waits at %s for threads that never arrive", thread.thread.x,
            thread.thread.y, thread.thread.z, thread.where);
        if (thread.isInBarrier)
            snprintf(
                text + length, sizeof text - length, ": %u of %u arrived, %u have ended", arrived, count, count - live);
        else
            snprintf(
                text + length, sizeof text - length, ": lanes %08x of its warp wait, its mask is %08x",
                waitingLanes[thread.warp], thread.mask);
        problem = text;
        return;
    }
}

bool Block::run(const Launch &work) {
    launch = &work;
    prepare(work.block);
    arrange();
    problem.clear();
    fresh = arrived = cursor = 0;
    live = count;
    memset(ready, 0, sizeof ready);
    waitingLanes.assign((count + 31) / 32, 0);
    running = idleFiber();
    fake_switch(&home, running->stackPointer);
    if (live == 0 && problem.empty()) return true;
    if (problem.empty()) describeWaiting();
    for (Thread &thread : threads) thread.where = nullptr;
    abandon();
    return false;
}

}  // namespace fake

// MARK: What kernels call

using fake::Exchange;

void fake_sync_threads(const char *where) { fake::block.waitForBlock(where); }

void fake_sync_warp(unsigned mask, const char *where) {
    fake::block.waitForWarp(Exchange::barrier, mask, nullptr, 0, nullptr, 0, where);
}

void fake_shuffle(unsigned mask, const void *mine, unsigned source, void *theirs, unsigned bytes, const char *where) {
    fake::block.waitForWarp(Exchange::shuffle, mask, mine, source & 31, theirs, bytes, where);
}

void fake_gather(const void *mine, void *all, unsigned bytes, const char *where) {
    fake::block.waitForWarp(Exchange::gather, 0xffffffffu, mine, 0, all, bytes, where);
}

unsigned fake_ballot(unsigned mask, bool vote, const char *where) {
    unsigned votes = 0;
    fake::block.waitForWarp(Exchange::ballot, mask, &vote, 0, &votes, 4, where);
    return votes;
}
