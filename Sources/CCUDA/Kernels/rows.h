// How the blocks that normalise rows of channels walk over them, and how their threads combine their results.
//
// A Place says which rows a thread visits, `row` and every `step`-th one below `end`, and its position in its block:
// `thread_row` of `thread_rows`, each of `columns` threads.
#pragma once
#include "device.h"

// Calls use(row, load(row)) for a thread's rows, with several loads in flight at a time.
template <int AHEAD, class Place, class Load, class Use>
DEVICE void for_each_row(const Place &at, Load load, Use use) {
    i64 row = at.row;
    for (; row + (AHEAD - 1) * at.step < at.end; row += AHEAD * at.step) {
        decltype(load(row)) kept[AHEAD];
        UNROLL for (int i = 0; i < AHEAD; i++) kept[i] = load(row + i * at.step);
        UNROLL for (int i = 0; i < AHEAD; i++) use(row + i * at.step, kept[i]);
    }
    for (; row < at.end; row += at.step) use(row, load(row));
}

// Combines the means and the sums of squared distances of a block's threads that share channels; those of the first row
// get the result. All threads must call this.
template <class Place, class Real, int WIDTH_OF_THREAD, int THREADS>
DEVICE void join_statistics(
    const Place &at, Real (&means)[WIDTH_OF_THREAD][THREADS], Real (&squares)[WIDTH_OF_THREAD][THREADS],
    Real (&counts)[THREADS]) {
    const int t = (int)threadIdx.x;
    for (int half = at.thread_rows / 2; half; half /= 2) {
        __syncthreads();
        if (at.thread_row >= half) continue;
        const int other = t + half * at.columns;
        const Real mine = counts[t], theirs = counts[other];
        if (theirs == 0) continue;
        const Real part = theirs / (mine + theirs);
        UNROLL for (int j = 0; j < WIDTH_OF_THREAD; j++) {
            const Real apart = means[j][other] - means[j][t];
            means[j][t] += apart * part;
            squares[j][t] += squares[j][other] + apart * apart * mine * part;
        }
        counts[t] = mine + theirs;
    }
}
