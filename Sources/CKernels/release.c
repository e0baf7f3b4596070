#include "cresset_release.h"

static _Thread_local void *slot;

void **cresset_thread_slot(void) { return &slot; }
