import CKernels
import Foundation
import Testing

/// The number of processors that control groups allow, in folders that look like a container's.
@Suite struct QuotaTests {
    private let folder = TemporaryFolder()

    private func quota(_ groups: String, _ files: [String: String]) -> Int32 {
        for (path, text) in files.merging(["proc/self/cgroup": groups], uniquingKeysWith: { $1 }) {
            let file = folder.path + "/" + path
            try! FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try! text.write(toFile: file, atomically: false, encoding: .utf8)
        }
        return cresset_processor_quota(folder.path)
    }

    @Test(arguments: [
        ("200000 100000\n", 2), ("150000 100000\n", 2), ("5000 100000\n", 1), ("max 100000\n", 0), ("", 0),
        ("0 100000\n", 0), ("100000 0\n", 0), ("many\n", 0), ("1e300 1\n", 65536),
    ])
    func aContainerOfTheSecondVersion(text: String, count: Int32) {
        #expect(quota("0::/\n", ["sys/fs/cgroup/cpu.max": text]) == count)
    }

    @Test func theSmallestQuotaOfAllGroupsAboveCounts() {
        let files = [
            "sys/fs/cgroup/a.slice/cpu.max": "300000 100000\n", "sys/fs/cgroup/a.slice/b/cpu.max": "800000 100000\n",
            "sys/fs/cgroup/a.slice/b/c/cpu.max": "max 100000\n",
        ]
        #expect(quota("0::/a.slice/b/c\n", files) == 3)
    }

    @Test(arguments: ["cpu", "cpu,cpuacct"]) func theFirstVersion(folder: String) {
        let files = [
            "sys/fs/cgroup/\(folder)/docker/x/cpu.cfs_quota_us": "250000\n",
            "sys/fs/cgroup/\(folder)/docker/x/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/\(folder)/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/\(folder)/cpu.cfs_period_us": "100000\n",
        ]
        #expect(quota("5:memory:/m\n4:cpu,cpuacct:/docker/x\n0::/\n", files) == 3)
    }

    /// Inside a container the group's path is the host's, and the folder of that group is the root.
    @Test func aPathOfTheHost() {
        let files = [
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        ]
        #expect(quota("3:cpuset:/\n2:cpu:/docker/0123\n", files) == 4)
    }

    @Test func noControlGroups() {
        #expect(cresset_processor_quota(folder.path) == 0)
        #expect(quota("nonsense\n1:name=systemd:/\n", [:]) == 0)
    }
}
