// The pooling allocator.
//
// Small blocks (up to 32 KiB) come in 36 sizes. Each thread keeps a short list of free ones of each size, so that the
// common case takes no lock; lists are filled from and emptied to central lists in batches.
//
// Large blocks come from one heap: a reservation of addresses as large as the machine's memory, of which only touched
// pages are resident. A training step allocates much the same blocks as the step before, mostly in the reverse order of
// freeing, so best fit with coalescing in a single address range wastes little: there are no segment ends at which free
// space of two neighbours cannot be merged. The never-used rest (the wilderness) is the last resort.
//
//   heap:   [header|block][header|block] ... [header|block] wilderness
//           ^ base                                         ^ top        ^ high water         ^ end
#include "cresset_memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    alignment = 64,
    small_limit = 32 << 10,
    size_class_count = 36,
    small_segment_size = 4 << 20,
    bin_count = 256,
};

// MARK: Small blocks

struct node {
    struct node *next;
};

struct list {
    struct node *first;
    int32_t count;
};

/// A thread's free blocks. Counters are written by the owner and read by any thread that wants statistics.
struct cache {
    struct list lists[size_class_count];
    _Atomic int64_t in_use;
    _Atomic int64_t allocations;
    struct cache *next, **link;
    bool registered;
};

static __thread struct cache cache;

static struct {
    pthread_mutex_t mutex;
    struct list lists[size_class_count];
    char *segment, *segment_end;
    _Atomic int64_t reserved;
    struct cache *caches;
    // The counters of threads that have ended.
    int64_t in_use, allocations;
} small = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

/// Sizes are the multiples of 64 up to 1 KiB, then four per doubling.
static inline int size_class(size_t bytes) {
    if (bytes <= 1024) return bytes ? (int)((bytes - 1) / alignment) : 0;
    int power = 63 - __builtin_clzll(bytes - 1);
    return 16 + (power - 10) * 4 + (int)(((bytes - 1) >> (power - 2)) & 3);
}

static inline size_t class_size(int index) {
    if (index < 16) return (size_t)(index + 1) * alignment;
    int power = 10 + (index - 16) / 4;
    return ((size_t)1 << power) + (size_t)((index - 16) % 4 + 1) * ((size_t)1 << (power - 2));
}

/// How many blocks move between a thread and the central lists at a time: at most 16 KiB of them.
static inline int32_t batch_size(int index) {
    size_t count = 16384 / class_size(index);
    return count < 1 ? 1 : count > 32 ? 32 : (int32_t)count;
}

static inline struct node *pop(struct list *list) {
    struct node *node = list->first;
    list->first = node->next;
    list->count -= 1;
    return node;
}

static inline void push(struct list *list, struct node *node) {
    node->next = list->first;
    list->first = node;
    list->count += 1;
}

static inline void count(_Atomic int64_t *counter, int64_t amount) {
    atomic_store_explicit(
        counter, atomic_load_explicit(counter, memory_order_relaxed) + amount, memory_order_relaxed);
}

/// Returns a thread's blocks when it ends.
static void retire_cache(void *pointer) {
    struct cache *retired = pointer;
    pthread_mutex_lock(&small.mutex);
    for (int i = 0; i < size_class_count; i++)
        while (retired->lists[i].count) push(&small.lists[i], pop(&retired->lists[i]));
    *retired->link = retired->next;
    if (retired->next) retired->next->link = retired->link;
    small.in_use += retired->in_use;
    small.allocations += retired->allocations;
    // Destructors that run later may still allocate: the cache is then registered again.
    memset(retired, 0, sizeof *retired);
    pthread_mutex_unlock(&small.mutex);
}

static void make_cache_key(void) { pthread_key_create(&cache_key, retire_cache); }

__attribute__((noinline)) static void register_cache(void) {
    pthread_once(&cache_once, make_cache_key);
    pthread_setspecific(cache_key, &cache);
    pthread_mutex_lock(&small.mutex);
    cache.next = small.caches;
    if (cache.next) cache.next->link = &cache.next;
    cache.link = &small.caches;
    small.caches = &cache;
    cache.registered = true;
    pthread_mutex_unlock(&small.mutex);
}

/// A new block from the current segment; NULL if the system provides no more.
static struct node *carve(size_t size) {
    if ((size_t)(small.segment_end - small.segment) < size) {
        void *segment = mmap(
            NULL, small_segment_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (segment == MAP_FAILED) return NULL;
        // The rest of the old segment is at most one block, and is lost.
        small.segment = segment;
        small.segment_end = small.segment + small_segment_size;
    }
    struct node *node = (struct node *)small.segment;
    small.segment += size;
    small.reserved += (int64_t)size;
    return node;
}

__attribute__((noinline)) static bool refill(int index) {
    struct list *list = &cache.lists[index];
    pthread_mutex_lock(&small.mutex);
    for (int32_t i = batch_size(index); i > 0; i--) {
        struct node *node = small.lists[index].count ? pop(&small.lists[index]) : carve(class_size(index));
        if (!node) break;
        push(list, node);
    }
    pthread_mutex_unlock(&small.mutex);
    return list->count > 0;
}

__attribute__((noinline)) static void flush(int index) {
    pthread_mutex_lock(&small.mutex);
    for (int32_t i = batch_size(index); i > 0; i--) push(&small.lists[index], pop(&cache.lists[index]));
    pthread_mutex_unlock(&small.mutex);
}

// MARK: Large blocks

/// Stored in the 64 bytes before each large block.
struct header {
    /// Bytes from this header to the next.
    size_t size;
    /// Bytes from the previous header to this one; 0 for the first.
    size_t size_before;
    bool free;
    struct header *next, **link;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct header) == alignment, "a block must follow its header");

static struct {
    pthread_mutex_t mutex;
    char *base, *top, *high_water, *end;
    size_t last_size;
    struct header *bins[bin_count];
    int64_t in_use, peak;
} heap = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/// Free blocks are sorted into bins by size, four per doubling.
static inline int bin_index(size_t size) {
    int power = 63 - __builtin_clzll(size);
    return power * 4 + (int)((size >> (power - 2)) & 3);
}

static void insert_free(struct header *header) {
    struct header **bin = &heap.bins[bin_index(header->size)];
    header->free = true;
    header->next = *bin;
    header->link = bin;
    if (*bin) (*bin)->link = &header->next;
    *bin = header;
}

static void remove_free(struct header *header) {
    *header->link = header->next;
    if (header->next) header->next->link = header->link;
    header->free = false;
}

static inline struct header *following(struct header *header) {
    return (struct header *)((char *)header + header->size);
}

static inline struct header *preceding(struct header *header) {
    return (struct header *)((char *)header - header->size_before);
}

/// Reserves addresses for as much memory as the machine has, or as much as the system allows.
static bool reserve(void) {
    size_t bytes = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    size_t huge = 2 << 20;
    bytes &= ~(huge - 1);
    for (; bytes >= 64 * huge; bytes = (bytes / 2) & ~(huge - 1)) {
        char *base = mmap(
            NULL, bytes + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (base == MAP_FAILED) continue;
        base += -(uintptr_t)base & (huge - 1);
        madvise(base, bytes, MADV_HUGEPAGE);
        heap.base = heap.top = heap.high_water = base;
        heap.end = base + bytes;
        // Reservations that were too large are no lack of memory.
        errno = 0;
        return true;
    }
    return false;
}

/// The smallest free block of at least `size` bytes; among equals the one freed last.
static struct header *best_fit(size_t size) {
    for (int i = bin_index(size); i < bin_count; i++) {
        struct header *best = NULL;
        for (struct header *header = heap.bins[i]; header; header = header->next)
            if (header->size >= size && (!best || header->size < best->size)) best = header;
        if (best) return best;
    }
    return NULL;
}

static struct header *extend(size_t size) {
    if (!heap.base && !reserve()) return NULL;
    if ((size_t)(heap.end - heap.top) < size) return NULL;
    struct header *header = (struct header *)heap.top;
    header->size = size;
    header->size_before = heap.last_size;
    header->free = false;
    heap.last_size = size;
    heap.top += size;
    if (heap.top > heap.high_water) heap.high_water = heap.top;
    return header;
}

/// Frees the end of a block if it is worth a block of its own.
static void split(struct header *header, size_t size) {
    size_t rest = header->size - size;
    if (rest < small_limit) return;
    struct header *after = following(header);
    header->size = size;
    struct header *tail = following(header);
    tail->size = rest;
    tail->size_before = size;
    after->size_before = rest;
    insert_free(tail);
}

static void *allocate_large(size_t bytes) {
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t size = ((bytes + alignment - 1) & ~(size_t)(alignment - 1)) + sizeof(struct header);
    pthread_mutex_lock(&heap.mutex);
    struct header *header = best_fit(size);
    if (header) {
        remove_free(header);
        split(header, size);
    } else {
        header = extend(size);
    }
    if (header) {
        heap.in_use += (int64_t)bytes;
        int64_t total = heap.in_use + small.reserved;
        if (total > heap.peak) heap.peak = total;
    }
    pthread_mutex_unlock(&heap.mutex);
    return header ? header + 1 : NULL;
}

static void free_large(void *pointer, size_t bytes) {
    struct header *header = (struct header *)pointer - 1;
    pthread_mutex_lock(&heap.mutex);
    heap.in_use -= (int64_t)bytes;
    if (header->size_before && preceding(header)->free) {
        struct header *before = preceding(header);
        remove_free(before);
        before->size += header->size;
        header = before;
    }
    if ((char *)following(header) < heap.top && following(header)->free) {
        struct header *after = following(header);
        remove_free(after);
        header->size += after->size;
    }
    if ((char *)following(header) == heap.top) {
        heap.top = (char *)header;
        heap.last_size = header->size_before;
    } else {
        following(header)->size_before = header->size;
        insert_free(header);
    }
    pthread_mutex_unlock(&heap.mutex);
}

/// Returns the whole pages from `begin` up to, but not including, `end`.
static void release_pages(char *begin, char *end) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    begin += -(uintptr_t)begin & (page - 1);
    end -= (uintptr_t)end & (page - 1);
    if (begin < end) madvise(begin, (size_t)(end - begin), MADV_DONTNEED);
}

// MARK: Interface

void *cresset_allocate(size_t bytes) {
    if (__builtin_expect(!cache.registered, 0)) register_cache();
    count(&cache.allocations, 1);
    if (bytes > small_limit) return allocate_large(bytes);
    int index = size_class(bytes);
    if (__builtin_expect(!cache.lists[index].count, 0) && !refill(index)) return NULL;
    count(&cache.in_use, (int64_t)bytes);
    return pop(&cache.lists[index]);
}

void cresset_free(void *pointer, size_t bytes) {
    if (!pointer) return;
    if (bytes > small_limit) {
        free_large(pointer, bytes);
        return;
    }
    if (__builtin_expect(!cache.registered, 0)) register_cache();
    int index = size_class(bytes);
    count(&cache.in_use, -(int64_t)bytes);
    push(&cache.lists[index], pointer);
    if (__builtin_expect(cache.lists[index].count > 2 * batch_size(index), 0)) flush(index);
}

cresset_memory_statistics cresset_memory_read_statistics(void) {
    cresset_memory_statistics result = {0};
    pthread_mutex_lock(&small.mutex);
    result.in_use = small.in_use;
    result.allocations = small.allocations;
    for (struct cache *cache = small.caches; cache; cache = cache->next) {
        result.in_use += cache->in_use;
        result.allocations += cache->allocations;
    }
    result.reserved = small.reserved;
    pthread_mutex_unlock(&small.mutex);
    pthread_mutex_lock(&heap.mutex);
    result.in_use += heap.in_use;
    result.reserved += heap.high_water - heap.base;
    result.peak = heap.peak;
    pthread_mutex_unlock(&heap.mutex);
    return result;
}

void cresset_memory_reset_peak(void) {
    pthread_mutex_lock(&heap.mutex);
    heap.peak = heap.in_use + small.reserved;
    pthread_mutex_unlock(&heap.mutex);
}

void cresset_memory_trim(void) {
    pthread_mutex_lock(&heap.mutex);
    for (int i = 0; i < bin_count; i++)
        for (struct header *header = heap.bins[i]; header; header = header->next)
            release_pages((char *)(header + 1), (char *)following(header));
    release_pages(heap.top, heap.high_water);
    heap.high_water = heap.top;
    pthread_mutex_unlock(&heap.mutex);
}

static void (*when_out_of_memory)(void);

void cresset_when_out_of_memory(void (*handler)(void)) { when_out_of_memory = handler; }

void cresset_out_of_memory(void) {
    if (when_out_of_memory) when_out_of_memory();
    abort();
}

void *cresset_allocate_scratch(size_t bytes) {
    void *memory = cresset_allocate(bytes);
    if (!memory) cresset_out_of_memory();
    return memory;
}
