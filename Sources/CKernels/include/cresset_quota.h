// What a container may use of the machine's processors.
#pragma once

/// The number of processors that the control groups of this process allow, rounded up; 0 if they set no limit.
///
/// Reads `/proc/self/cgroup`, and the quotas of the group and of all above it: `cpu.max`, or `cpu.cfs_quota_us` of the
/// first version. `root` stands before these paths: empty, or a folder for tests.
int cresset_processor_quota(const char *root);
