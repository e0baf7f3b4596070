import CressetCommands
import CressetTrain
import Foundation
import Testing

@Suite struct DiagnosisTests {
    private let gpu = Diagnosis.GPU(
        device: "cuda:0", name: "NVIDIA H100", computeCapability: "9.0", memoryBytes: 80 << 30, multiprocessors: 132)

    @Test func namesEachLibraryAndGPU() {
        let diagnosis = Diagnosis(
            libraries: [
                .init(name: "oneDNN", found: "3.2"), .init(name: "driver", found: "for CUDA 13.0 (libcuda.so.1)"),
            ], driverVersion: "580.95.05", gpus: [gpu])
        let lines = diagnosis.lines
        #expect(lines.contains("oneDNN     3.2"))
        #expect(lines.contains("driver     580.95.05, for CUDA 13.0 (libcuda.so.1)"))
        #expect(
            lines.contains("cuda:0     NVIDIA H100, compute capability 9.0, 80.0 GiB, 132 multiprocessors"))
        #expect(lines.last == "ready      cpu cuda:0")
    }

    @Test func saysWhatIsMissingAndWhatToDo() {
        let diagnosis = Diagnosis(
            libraries: [
                .init(name: "oneDNN", found: "3.2"),
                .init(name: "cuDNN", problem: "libcudnn.so.9 was not found", hint: "install it"),
            ], unavailability: "the NVIDIA driver sees no GPU\n  hint: nvidia-smi should list one")
        #expect(
            diagnosis.lines.suffix(5) == [
                "cuDNN      missing: libcudnn.so.9 was not found", "           hint: install it",
                "ready      cpu", "           the NVIDIA driver sees no GPU",
                "           hint: nvidia-smi should list one",
            ])
        #expect(diagnosis.isUsable)
    }

    @Test func nothingIsReadyWithoutOneDNN() {
        let diagnosis = Diagnosis(libraries: [.init(name: "oneDNN", problem: "oneDNN 2.6 was found")])
        #expect(!diagnosis.isUsable)
        #expect(diagnosis.lines.last == "ready      nothing")
    }
}

extension CommandTests {
    @Suite struct Doctor {
        /// As on a machine without a GPU, even if there is one.
        private let noGPU = ["CRESSET_CUDA_DRIVER": "/nowhere/libcuda.so.1"]

        @Test func worksWithoutAGPU() throws {
            let folder = TemporaryFolder()
            let (status, output, errors) = try cresset("doctor", in: folder, variables: noGPU)
            #expect(status == 0)
            #expect(errors.isEmpty)
            #expect(output.contains("cresset    \(cressetVersion), compiled by Swift 6"))
            #expect(output.contains("driver     missing: /nowhere/libcuda.so.1 cannot be opened"))
            #expect(output.contains("hint: "))
            #expect(output.hasSuffix("ready      cpu\n"))
        }

        /// A file that ends early would end the process with SIGBUS if it were opened.
        @Test func aDamagedLibraryIsNamedAndTheNextFolderSearched() throws {
            let folder = TemporaryFolder()
            for name in ["cut", "toolkit/lib64"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
            }
            let library = [UInt8](try Data(contentsOf: URL(filePath: try FakeMachine.libraryPath())))
            let cut = folder.file("cut/libnvrtc.so.13", [UInt8](library[..<5000]))
            _ = folder.file("cut/libcublasLt.so.13", [UInt8]("no library".utf8))
            for name in ["libnvrtc", "libcublasLt"] { _ = folder.file("toolkit/lib64/\(name).so.13", library) }

            let paths = "\(folder.path)/cut:\(folder.path)/toolkit"
            let (status, output, _) = try cresset(
                "doctor", in: folder, variables: ["CRESSET_CUDA_PATH": paths, "CRESSET_CUDA_DRIVER": ""])
            #expect(status == 0)
            for name in ["libnvrtc", "libcublasLt"] {
                #expect(output.contains("(\(folder.path)/toolkit/lib64/\(name).so.13)"), "\(output)")
            }
            let named = try cresset("doctor", in: folder, variables: ["CRESSET_CUDA_DRIVER": cut])
            #expect(named.status == 0)
            #expect(named.output.contains("missing: \(cut) is cut off"), "\(named.output)")
        }

        @Test func printsJSON() throws {
            let (status, output, _) = try cresset("doctor", "--json", in: TemporaryFolder(), variables: noGPU)
            #expect(status == 0)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            #expect(object["version"] as? String == cressetVersion)
            #expect((object["gpus"] as? [Any])?.isEmpty == true)
            #expect((object["libraries"] as? [[String: Any]])?.first?["name"] as? String == "oneDNN")
        }

        @Test func aGPUThatIsNotThereIsUnavailable() throws {
            let (status, _, errors) = try cresset(
                "bench", "--device", "cuda:0", in: TemporaryFolder(), variables: noGPU)
            #expect(status == 69)
            #expect(errors.contains("cuda:0 cannot be used"))
            #expect(errors.contains("hint: "))
        }
    }
}
