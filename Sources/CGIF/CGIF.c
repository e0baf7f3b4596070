#include "CGIF.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// giflib's numbers, which never change.
enum { GIF_FAILED = 0, RECORD_IMAGE = 2, RECORD_EXTENSION = 3, MOST_RECORDS = 100000 };

#if __has_include(<gif_lib.h>)
#include <gif_lib.h>
#define SAME(OURS, THEIRS) _Static_assert((OURS) == (THEIRS), #THEIRS);
#define SAME_PLACE(OURS, THEIRS) SAME(offsetof(cresset_gif_file, OURS), offsetof(GifFileType, THEIRS))
SAME(GIF_FAILED, GIF_ERROR)
SAME(RECORD_IMAGE, IMAGE_DESC_RECORD_TYPE)
SAME(RECORD_EXTENSION, EXTENSION_RECORD_TYPE)
SAME_PLACE(image.left, Image.Left)
SAME_PLACE(image.interlaced, Image.Interlace)
SAME_PLACE(error, Error)
SAME_PLACE(context, UserData)
#endif

const char *cresset_load_gif(void *library, cresset_gif *table) {
#define REQUIRE(RESULT, NAME, ARGUMENTS)            \
    *(void **)&table->NAME = dlsym(library, #NAME); \
    if (!*(void **)&table->NAME) return #NAME;
    CRESSET_GIF(REQUIRE)
    return NULL;
}

typedef struct {
    const uint8_t *next;
    size_t left;
    bool ran_out;
} source;

// After the end of the data there is one more empty block: a picture that is complete is then known to be so.
static int read_bytes(cresset_gif_file *file, uint8_t *bytes, int count) {
    source *s = file->context;
    if (count < 0) return 0;
    if ((size_t)count > s->left) {
        bool was_out = s->ran_out;
        s->ran_out = true;
        if (s->left > 0 || was_out || count != 1) return 0;
        bytes[0] = 0;
        return 1;
    }
    memcpy(bytes, s->next, (size_t)count);
    s->next += count;
    s->left -= (size_t)count;
    return count;
}

// Reads up to the descriptor of the first frame.
static bool find_frame(const cresset_gif *gif, cresset_gif_file *file) {
    for (int i = 0; i < MOST_RECORDS; i++) {
        int type = 0;
        if (gif->DGifGetRecordType(file, &type) == GIF_FAILED) return false;
        if (type == RECORD_IMAGE) return gif->DGifGetImageDesc(file) != GIF_FAILED;
        if (type != RECORD_EXTENSION) return false;
        int code = 0;
        uint8_t *extension = NULL;
        if (gif->DGifGetExtension(file, &code, &extension) == GIF_FAILED) return false;
        while (extension) {
            if (gif->DGifGetExtensionNext(file, &extension) == GIF_FAILED) return false;
        }
    }
    return false;
}

static bool read_row(
    const cresset_gif *gif, cresset_gif_file *file, const cresset_gif_frame *frame, int y, uint8_t *indices,
    const cresset_layout *layout
) {
    if (gif->DGifGetLine(file, indices, frame->width) == GIF_FAILED) return false;
    uint8_t *to = layout->origin + (ptrdiff_t)(frame->top + y) * layout->row_step
                  + (ptrdiff_t)frame->left * layout->column_step;
    for (int x = 0; x < frame->width; x++, to += layout->column_step) {
        memcpy(to, frame->palette + 3 * (size_t)indices[x], 3);
    }
    return true;
}

static bool read_rows(
    const cresset_gif *gif, cresset_gif_file *file, const cresset_gif_frame *frame, uint8_t *indices,
    const cresset_layout *layout
) {
    static const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    bool interlaced = file->image.interlaced;
    for (int pass = 0; pass < (interlaced ? 4 : 1); pass++) {
        for (int y = interlaced ? starts[pass] : 0; y < frame->height; y += interlaced ? steps[pass] : 1) {
            if (!read_row(gif, file, frame, y, indices, layout)) return false;
        }
    }
    return true;
}

static cresset_gif_status failure(const cresset_gif *gif, int error, const source *s, cresset_gif_info *info) {
    const char *text = gif->GifErrorString(error);
    snprintf(info->message, sizeof info->message, "%s", text ? text : "no picture was found");
    return s->ran_out ? CRESSET_GIF_TRUNCATED : CRESSET_GIF_BROKEN;
}

cresset_gif_status cresset_gif_decode(
    const cresset_gif *gif, const uint8_t *data, size_t size, const cresset_gif_frame *frame,
    const cresset_layout *layout, cresset_gif_info *info
) {
    memset(info, 0, sizeof *info);
    source s = {data, size, false};
    int error = 0;
    cresset_gif_file *file = gif->DGifOpen(&s, read_bytes, &error);
    if (!file) return failure(gif, error, &s, info);
    cresset_gif_status status = CRESSET_GIF_OK;
    uint8_t *indices = NULL;
    if (!find_frame(gif, file)) {
        status = failure(gif, file->error, &s, info);
    } else if (
        file->image.left != frame->left || file->image.top != frame->top || file->image.width != frame->width
        || file->image.height != frame->height
    ) {
        snprintf(info->message, sizeof info->message, "the size changed");
        status = CRESSET_GIF_BROKEN;
    } else if (!(indices = malloc((size_t)frame->width))) {
        snprintf(info->message, sizeof info->message, "out of memory");
        status = CRESSET_GIF_BROKEN;
    } else if (!read_rows(gif, file, frame, indices, layout)) {
        status = failure(gif, file->error, &s, info);
    }
    info->missing_end = s.ran_out;
    free(indices);
    gif->DGifCloseFile(file, &error);
    return status;
}
