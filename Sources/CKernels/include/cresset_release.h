// A pointer of the calling thread, for the tape's list of nodes to release; NULL at first.
#pragma once
void *_Nullable *_Nonnull cresset_thread_slot(void);
