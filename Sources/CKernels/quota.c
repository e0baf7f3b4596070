// The kernel limits a container's processor time by a quota for each period, and still shows it all processors.
#include "cresset_quota.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_PATH = 4096 };

/// The numbers at the start of a file; how many there were.
static int read_numbers(const char *root, const char *folder, const char *group, const char *name, double numbers[2]) {
    char path[3 * LONGEST_PATH];
    snprintf(path, sizeof path, "%s/sys/fs/cgroup%s%s/%s", root, folder, group, name);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    // A group without a limit has the word `max` here.
    int count = fscanf(file, "%lf %lf", &numbers[0], &numbers[1]);
    fclose(file);
    return count < 0 ? 0 : count;
}

/// The processors that one group allows; infinity if it sets no limit.
static double limit_of(const char *root, const char *group, bool is_first_version) {
    double both[2], quota[2], period[2];
    if (!is_first_version)
        return read_numbers(root, "", group, "cpu.max", both) == 2 && both[0] > 0 && both[1] > 0 ? both[0] / both[1]
                                                                                                 : INFINITY;
    static const char *const folders[] = {"/cpu", "/cpu,cpuacct"};
    for (int i = 0; i < 2; i++)
        if (read_numbers(root, folders[i], group, "cpu.cfs_quota_us", quota) == 1 &&
            read_numbers(root, folders[i], group, "cpu.cfs_period_us", period) == 1 && quota[0] > 0 && period[0] > 0)
            return quota[0] / period[0];
    return INFINITY;
}

/// The least of a group and all above it. Inside a container the path may be the host's, of which only the last folder
/// is visible, as the root.
static double limit_above(const char *root, char *group, bool is_first_version) {
    double least = INFINITY;
    for (;;) {
        size_t length = strlen(group);
        if (length > 0 && group[length - 1] == '/') group[length - 1] = 0;
        least = fmin(least, limit_of(root, group, is_first_version));
        char *slash = strrchr(group, '/');
        if (!slash) return least;
        *slash = 0;
    }
}

/// Whether a list such as `cpu,cpuacct` contains `cpu`.
static bool names_processors(char *controllers) {
    for (char *name = strtok(controllers, ","); name; name = strtok(NULL, ","))
        if (strcmp(name, "cpu") == 0) return true;
    return false;
}

int cresset_processor_quota(const char *root) {
    char line[LONGEST_PATH];
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *file = fopen(line, "r");
    if (!file) return 0;
    double least = INFINITY;
    // A line is number:controllers:path; the second version has number 0 and no controllers.
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group) continue;
        *controllers++ = 0;
        *group++ = 0;
        bool is_first_version = *controllers != 0;
        if (is_first_version && !names_processors(controllers)) continue;
        least = fmin(least, limit_above(root, group, is_first_version));
    }
    fclose(file);
    return isinf(least) ? 0 : (int)fmin(fmax(ceil(least), 1), 1 << 16);
}
