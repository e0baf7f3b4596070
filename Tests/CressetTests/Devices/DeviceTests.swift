import Cresset
import CressetData
import CressetNN
import CressetOptim
import Foundation
import Testing

@Suite struct DeviceTests {
    @Test func namesAreRead() throws {
        #expect(try Device("cpu") == .cpu)
        #expect(Device.cpu.description == "cpu")
        #expect(Device.cuda(1).description == "cuda:1")
        #expect(try Device("auto") == (CUDA.isAvailable ? .cuda(0) : .cpu))
    }

    @Test(arguments: ["gpu", "cuda:", "cuda:-1", "cuda:x", "cuda1", "", "cpu:0"])
    func otherNamesAreRefused(_ name: String) {
        let error = #expect(throws: DeviceError.self) { try Device(name) }
        #expect(error?.problem.contains("\"\(name)\"") == true)
        #expect(error?.hint.contains("cuda:1") == true)
    }

    @Test func absentDevicesSayWhy() {
        let error = #expect(throws: DeviceError.self) { try Device("cuda:4096") }
        #expect(error?.problem.contains("cuda:4096") == true)
        #expect(CUDA.isAvailable == (CUDA.unavailability == nil))
    }

    @Test func tensorsAreCreatedWhereTheScopeSays() {
        #expect(Device.current == .cpu)
        let device = withDevice(.cuda(7)) {
            // A tensor with an explicit device stays on it.
            #expect(Tensor.zeros([2], device: .cpu).device == .cpu)
            return Device.current
        }
        #expect(device == .cuda(7))
        #expect(Device.current == .cpu)
    }

    @Test func pinningLeavesWhereThereIsNoGPU() {
        let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]).t
        let pinned = x.pinned()
        #expect(pinned.isPinned == CUDA.isAvailable)
        #expect(pinned.scalars() as [Float] == [1, 3, 2, 4])
    }

    @Test func batchesMayBePinned() throws {
        let data = TensorDataset(Tensor.arange(10).reshaped([5, 2]), Tensor.arange(5))
        for pins in [false, true] {
            let batches = DataLoader(data, batchSize: 2, pinsMemory: pins).batches()
            var sum = 0.0
            while let batch = try batches.next() {
                #expect(batch.inputs.isPinned == (pins && CUDA.isAvailable))
                sum += batch.to(.cpu).inputs.sum().item()
            }
            #expect(sum == 45)
        }
    }

    @Test func modulesKeepTheirPartsWhenMoved() throws {
        let model = Sequential(Linear(3, 2), BatchNorm1d(2))
        let before = model.parameters.map(ObjectIdentifier.init)
        model.to(Device.cpu)
        #expect(model.parameters.map(ObjectIdentifier.init) == before)
        #expect(model.parameters.allSatisfy { $0.device == .cpu })
        #expect(model.namedBuffers.allSatisfy { $0.buffer.device == .cpu })
    }

    @Test func numbersOfManyTensorsAreReadTogether() {
        var gradients = Gradients()
        let leaves = [Tensor([3] as [Float]), Tensor([4] as [Float])].map { $0.requiringGradient() }
        for leaf in leaves { gradients[leaf] = leaf.detached() }
        #expect(gradients.norm() == 5)
    }
}
