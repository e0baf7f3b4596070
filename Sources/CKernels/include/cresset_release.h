// A pointer stored per thread, for the tape's list of nodes to release; initially NULL.
#pragma once
void *_Nullable *_Nonnull cresset_thread_slot(void);
