// Many tensors in one launch: which of them a block works on.
#pragma once
#include "device.h"

/// The last of `count` tensors that begins at or before `block`; `first` holds the first block of each.
DEVICE int tensor_at(const int *first, int count, int block) {
    int tensor = 0, end = count;
    while (end - tensor > 1) {
        int middle = (tensor + end) / 2;
        if (first[middle] <= block)
            tensor = middle;
        else
            end = middle;
    }
    return tensor;
}
