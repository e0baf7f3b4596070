// One team of threads for everything: oneDNN's own, which is libgomp's.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Part of a loop: the iterations from `begin` up to, but not including, `end`.
typedef void (*cresset_loop_body)(void *context, int64_t begin, int64_t end);

/// Runs `body` over the iterations from 0 up to, but not including, `count`, on the calling thread's team.
///
/// Each thread gets at most one part; parts are equal to within `grain` iterations and depend only on `count`, `grain`
/// and the size of the team. Runs on the calling thread alone if `count` <= `grain`, or if the caller is itself part of
/// a parallel loop. Parts other than the last are multiples of `grain`.
void cresset_parallel_for(int64_t count, int64_t grain, cresset_loop_body body, void *context);

/// The share of member `index` of a team of `count` threads.
typedef void (*cresset_team_body)(void *context, int64_t index, int64_t count);

/// Runs `body` once on each thread of the calling thread's team, or on `most` of them; on the caller alone, as member 0
/// of 1, where a loop would be serial.
void cresset_on_team(int64_t most, cresset_team_body body, void *context);

/// Where the members of a team wait for each other; zeros at first.
typedef struct {
    _Atomic int64_t arrived, round;
    bool is_over;
} cresset_meeting;

/// Waits until all members of the team have called this, and returns whether to go on as a team.
///
/// Where other programs take the processors, each wait would last until the system lets a member run again. So a late
/// member is waited for once: then this returns false to all, member 0 must do the rest alone, and the others return.
bool cresset_meet(cresset_meeting *meeting, int64_t index, int64_t count);

/// The maximum number of parts that `cresset_parallel_for` makes for the calling thread: at least 1.
int cresset_thread_count(void);

/// Sets the team's size for loops that the calling thread starts from now on; values below 1 count as 1.
void cresset_set_thread_count(int count);

/// Whether libgomp was found. Without it every loop is serial.
bool cresset_threads_available(void);

/// Runs `body` once on every thread of the calling thread's team; on the caller alone where a loop would be serial.
void cresset_on_each_thread(void (*body)(void *context), void *context);

/// Whether the flag of the next function can be read.
bool cresset_can_take_invalid(void);

/// Whether a thread of the team has met an invalid operation since this was last asked: one whose result is NaN, or a
/// comparison with NaN.
///
/// The processor keeps that flag by itself, so nothing is missed and asking costs a fork and join. Operations of other
/// kernels count too. Always true where the flag cannot be read.
bool cresset_take_invalid(void);
