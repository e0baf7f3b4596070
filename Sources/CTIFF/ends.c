// What a file that was cut short lacks.
#include "file.h"
#include "tags.h"

static uint32_t number(const tiff_file *file, size_t offset, size_t bytes) {
    bool is_big = file->data[0] == 'M';
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++) value = value << 8 | file->data[offset + (is_big ? i : bytes - 1 - i)];
    return value;
}

// Whether the numbers of a tag without which there are no pixels are behind the end of the data.
static bool lacks_numbers(const tiff_file *file, size_t entry) {
    static const uint8_t sizes[] = {0, 1, 1, 2, 4};
    switch (number(file, entry, 2)) {
        case TAG_BITSPERSAMPLE:
        case TAG_STRIPOFFSETS:
        case TAG_STRIPBYTECOUNTS:
        case TAG_COLORMAP:
        case TAG_TILEOFFSETS:
        case TAG_TILEBYTECOUNTS:
        case TAG_JPEGTABLES: break;
        default: return false;
    }
    uint32_t type = number(file, entry + 2, 2), start = number(file, entry + 8, 4);
    uint64_t bytes = (uint64_t)number(file, entry + 4, 4) * (type == 7 ? 1 : type < sizeof sizes ? sizes[type] : 0);
    return bytes > 4 && (start > file->size || bytes > file->size - start);
}

bool tiff_lacks_directory(const tiff_file *file) {
    if (file->size < 8) return true;
    if (number(file, 2, 2) != 42) return false;
    size_t start = number(file, 4, 4);
    if (start < 8) return false;
    if (start > file->size - 2) return true;
    size_t count = number(file, start, 2);
    if (count * 12 + 2 > file->size - start) return true;
    for (size_t i = 0; i < count; i++) {
        if (lacks_numbers(file, start + 2 + 12 * i)) return true;
    }
    return false;
}
