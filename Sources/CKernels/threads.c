// Parallel loops on libgomp's team.
//
// oneDNN runs its loops on libgomp. A second pool would compete with it for the cores, so our loops run on the same
// threads: `GOMP_parallel`, which gcc calls for `#pragma omp parallel`, is an exported function with a stable ABI. It
// is looked up at run time because no header declares it, and so that a oneDNN built on another runtime costs speed but
// not correctness. A fork and join takes half a microsecond while the team spins.
#define _GNU_SOURCE
#include "cresset_threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "cresset_quota.h"
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static struct {
    void (*parallel)(void (*body)(void *), void *data, unsigned threads, unsigned flags);
    int (*thread_index)(void);
    int (*team_size)(void);
    int (*in_parallel)(void);
    int (*get_max_threads)(void);
    void (*set_num_threads)(int);
    bool available;
} omp;

/// How often a waiting thread looks before it sleeps: about 0.2 ms, longer than the pauses between the loops of a step.
#define SPIN_COUNT "10000"

/// By default libgomp's threads look for some milliseconds, with which they take processors from each other and from other
/// programs where there are not enough for all.
static void limit_spinning(void) {
    if (!getenv("OMP_WAIT_POLICY")) setenv("GOMP_SPINCOUNT", SPIN_COUNT, 0);
}

/// By default libgomp has a thread for each processor of the affinity mask. More than a container's quota would be stopped
/// for the rest of every period, and the others would wait for them.
static void limit_threads(void) {
    if (getenv("OMP_NUM_THREADS")) return;
    int quota = cresset_processor_quota("");
    cpu_set_t allowed;
    if (quota == 0 || (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) <= quota)) return;
    char text[16];
    snprintf(text, sizeof text, "%d", quota);
    setenv("OMP_NUM_THREADS", text, 0);
}

/// libgomp reads the variables when it is loaded. The program's environment may only be changed while there is one thread:
/// before `main`.
__attribute__((constructor)) static void prepare_environment(void) {
    limit_spinning();
    limit_threads();
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_omp(void) {
    // oneDNN, which brings it, is opened when something is first computed: that may be later than this.
    void *library = dlopen("libgomp.so.1", RTLD_NOW | RTLD_GLOBAL);
    if (!library) return;
    *(void **)&omp.parallel = dlsym(library, "GOMP_parallel");
    *(void **)&omp.thread_index = dlsym(library, "omp_get_thread_num");
    *(void **)&omp.team_size = dlsym(library, "omp_get_num_threads");
    *(void **)&omp.in_parallel = dlsym(library, "omp_in_parallel");
    *(void **)&omp.get_max_threads = dlsym(library, "omp_get_max_threads");
    *(void **)&omp.set_num_threads = dlsym(library, "omp_set_num_threads");
    omp.available = omp.parallel && omp.thread_index && omp.team_size && omp.in_parallel && omp.get_max_threads &&
                    omp.set_num_threads;
}

bool cresset_threads_available(void) {
    pthread_once(&once, find_omp);
    return omp.available;
}

int cresset_thread_count(void) {
    if (!cresset_threads_available()) return 1;
    int count = omp.get_max_threads();
    return count < 1 ? 1 : count;
}

void cresset_set_thread_count(int count) {
    if (!cresset_threads_available()) return;
    omp.set_num_threads(count < 1 ? 1 : count);
}

struct loop {
    cresset_loop_body body;
    void *context;
    int64_t count;
    int64_t part;
};

static void run_part(void *data) {
    const struct loop *loop = data;
    // The team may be smaller than requested; each thread then takes several parts, which stay the same.
    int64_t step = (int64_t)omp.team_size() * loop->part;
    for (int64_t begin = (int64_t)omp.thread_index() * loop->part; begin < loop->count; begin += step) {
        int64_t end = begin + loop->part;
        loop->body(loop->context, begin, end < loop->count ? end : loop->count);
    }
}

void cresset_parallel_for(int64_t count, int64_t grain, cresset_loop_body body, void *context) {
    if (count <= 0) return;
    if (grain < 1) grain = 1;
    int threads;
    if (count <= grain || !cresset_threads_available() || omp.in_parallel() ||
        (threads = omp.get_max_threads()) <= 1) {
        body(context, 0, count);
        return;
    }
    int64_t grains = (count + grain - 1) / grain;
    if (grains < threads) threads = (int)grains;
    struct loop loop = {body, context, count, (grains + threads - 1) / threads * grain};
    omp.parallel(run_part, &loop, (unsigned)threads, 0);
}

struct team {
    cresset_team_body body;
    void *context;
};

static void run_member(void *data) {
    const struct team *team = data;
    team->body(team->context, omp.thread_index(), omp.team_size());
}

void cresset_on_team(int64_t most, cresset_team_body body, void *context) {
    int threads;
    if (most <= 1 || !cresset_threads_available() || omp.in_parallel() || (threads = omp.get_max_threads()) <= 1) {
        body(context, 0, 1);
        return;
    }
    struct team team = {body, context};
    omp.parallel(run_member, &team, most < threads ? (unsigned)most : (unsigned)threads, 0);
}

/// How often a member looks whether another has come, some 50 us: one that takes longer is not running.
enum { LOOKS_BEFORE_LATE = 4096 };

static inline void look_again(int *looks) {
    if (++*looks > LOOKS_BEFORE_LATE)
        sched_yield();
    else {
#if defined(__x86_64__)
        _mm_pause();
#endif
    }
}

bool cresset_meet(cresset_meeting *meeting, int64_t index, int64_t count) {
    int looks = 0;
    if (index == 0) {
        while (atomic_load_explicit(&meeting->arrived, memory_order_acquire) < count - 1) look_again(&looks);
        if (looks > LOOKS_BEFORE_LATE) meeting->is_over = true;
        meeting->arrived = 0;
        atomic_fetch_add_explicit(&meeting->round, 1, memory_order_release);
    } else {
        int64_t round = atomic_load_explicit(&meeting->round, memory_order_relaxed);
        atomic_fetch_add_explicit(&meeting->arrived, 1, memory_order_release);
        while (atomic_load_explicit(&meeting->round, memory_order_acquire) == round) look_again(&looks);
    }
    return !meeting->is_over;
}

void cresset_on_each_thread(void (*body)(void *context), void *context) {
    if (!cresset_threads_available() || omp.in_parallel() || omp.get_max_threads() <= 1) {
        body(context);
        return;
    }
    // 0 threads: as many as loops use.
    omp.parallel(body, context, 0, 0);
}

#if defined(__x86_64__)
static void take_invalid(void *context) {
    unsigned status = _mm_getcsr();
    if (!(status & _MM_EXCEPT_INVALID)) return;
    _mm_setcsr(status & ~(unsigned)_MM_EXCEPT_INVALID);
    atomic_store_explicit((atomic_bool *)context, true, memory_order_relaxed);
}
#endif

bool cresset_can_take_invalid(void) {
#if defined(__x86_64__)
    // Without libgomp, the team that oneDNN used cannot be reached.
    return cresset_threads_available();
#else
    return false;
#endif
}

bool cresset_take_invalid(void) {
#if defined(__x86_64__)
    if (!cresset_threads_available()) return true;
    atomic_bool found = false;
    cresset_on_each_thread(take_invalid, &found);
    return found;
#else
    return true;
#endif
}
