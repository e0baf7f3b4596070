import CCUDA
import Testing

/// The fake cuBLASLt: correct products, and rejection of what a GPU would misread.
@Suite struct FakeProductTests {
    /// A product of column-major float32 matrices.
    private final class Product {
        let machine: FakeMachine
        var handle: cr_lt_handle?
        var descriptor: cr_lt_descriptor?
        var a, b, d: cr_lt_layout?

        init(m: Int, n: Int, k: Int) throws {
            machine = try FakeMachine()
            _ = machine.cublasLt.cublasLtCreate(&handle)
            _ = machine.cublasLt.cublasLtMatmulDescCreate(&descriptor, 68, 0)
            _ = machine.cublasLt.cublasLtMatrixLayoutCreate(&a, 0, UInt64(m), UInt64(k), Int64(m))
            _ = machine.cublasLt.cublasLtMatrixLayoutCreate(&b, 0, UInt64(k), UInt64(n), Int64(k))
            _ = machine.cublasLt.cublasLtMatrixLayoutCreate(&d, 0, UInt64(m), UInt64(n), Int64(m))
        }

        func run(_ x: cr_device_pointer, _ y: cr_device_pointer, _ z: cr_device_pointer) -> Int32 {
            var (alpha, beta): (Float, Float) = (1, 0)
            func pointer(_ address: cr_device_pointer) -> UnsafeMutableRawPointer? { .init(bitPattern: UInt(address)) }
            return machine.cublasLt.cublasLtMatmul(
                handle, descriptor, &alpha, pointer(x), a, pointer(y), b, &beta, pointer(z), d, pointer(z), d, nil, nil,
                0,
                machine.stream)
        }
    }

    @Test func multiplies() throws {
        let product = try Product(m: 2, n: 2, k: 3)
        let x = product.machine.upload([1, 2, 3, 4, 5, 6])
        let y = product.machine.upload([1, 0, 1, 2, 1, 0])
        let z = product.machine.allocate(16)
        #expect(product.run(x, y, z) == 0)
        // Column by column: x is 1 3 5 / 2 4 6, y is 1 2 / 0 1 / 1 0.
        #expect(product.machine.download(z, 4) == [6, 8, 5, 8])
        var epilogue: Int32 = 6
        var bias = product.machine.upload([-7, 1])
        _ = product.machine.cublasLt.cublasLtMatmulDescSetAttribute(product.descriptor, 7, &epilogue, 4)
        _ = product.machine.cublasLt.cublasLtMatmulDescSetAttribute(product.descriptor, 8, &bias, 8)
        #expect(product.run(x, y, z) == 0)
        #expect(product.machine.download(z, 4) == [0, 9, 0, 9])
    }

    @Test func refusesWhatDoesNotFit() throws {
        let product = try Product(m: 2, n: 2, k: 3)
        let x = product.machine.upload([1, 2, 3, 4, 5, 6])
        let z = product.machine.allocate(16)
        #expect(product.run(x, z, z) == 7, "B has 6 elements, not 4")
        #expect(product.run(x + 2, x, z) != 0, "not a multiple of an element's size")
        swap(&product.a, &product.d)
        #expect(product.run(x, x, z) == 7, "shapes do not fit")
        var descriptor: cr_lt_descriptor?
        #expect(product.machine.cublasLt.cublasLtMatmulDescCreate(&descriptor, 68, 1) == 7)
        var leading: Int64 = 1
        _ = product.machine.cublasLt.cublasLtMatrixLayoutSetAttribute(product.b, 4, &leading, 8)
        swap(&product.a, &product.d)
        #expect(product.run(x, x, z) == 7, "leading dimension below the rows")
    }
}
