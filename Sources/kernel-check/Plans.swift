import CressetBackend
import CressetCUDA
import Glibc

/// Asks cuDNN for plans for the convolutions of well-known networks, on GPUs described in files: no GPU is needed.
enum Plans {
    private struct Layer {
        var name: String
        var x, weight, stride, before, after: [Int]
        var dilation = 1
        var groups = 1

        init(
            _ name: String, _ x: [Int], _ weight: [Int], stride: Int = 1, padding: Int = 0, paddingAfter: Int? = nil,
            dilation: Int = 1, groups: Int = 1
        ) {
            (self.name, self.x, self.weight, self.dilation, self.groups) = (name, x, weight, dilation, groups)
            let axes = x.count - 2
            self.stride = [Int](repeating: stride, count: axes)
            before = [Int](repeating: padding, count: axes)
            after = [Int](repeating: paddingAfter ?? padding, count: axes)
        }

        var geometry: ConvolutionGeometry {
            ConvolutionGeometry(
                window: WindowGeometry(
                    kernel: Shape(weight.dropFirst(2)), stride: Shape(stride), paddingBefore: Shape(before),
                    paddingAfter: Shape(after), dilation: Shape(repeating: dilation, count: stride.count)),
                groups: groups)
        }

        var out: Shape {
            Shape(
                [x[0], weight[0]]
                    + stride.indices.map {
                        (x[$0 + 2] + before[$0] + after[$0] - dilation * (weight[$0 + 2] - 1) - 1) / stride[$0] + 1
                    })
        }
    }

    private static func square(
        _ name: String, _ n: Int, _ channels: Int, _ size: Int, _ out: Int, _ kernel: Int, stride: Int = 1,
        padding: Int? = nil, paddingAfter: Int? = nil, dilation: Int = 1, groups: Int = 1
    ) -> Layer {
        Layer(
            name, [n, channels, size, size], [out, channels / groups, kernel, kernel], stride: stride,
            padding: padding ?? kernel / 2 * dilation, paddingAfter: paddingAfter ?? padding, dilation: dilation,
            groups: groups)
    }

    private static let layers: [Layer] = {
        var layers: [Layer] = []
        for n in [1, 64] {
            for size in [224, 255] { layers.append(square("resnet stem", n, 3, size, 64, 7, stride: 2)) }
            layers.append(square("resnet small stem", n, 3, 32, 64, 3))
            for (channels, size) in [(64, 56), (128, 28), (256, 14), (512, 7)] {
                layers.append(square("resnet 3x3", n, channels, size, channels, 3))
                layers.append(square("resnet 3x3/2", n, channels, size * 2, channels, 3, stride: 2))
                layers.append(square("resnet18 3x3/2", n, channels / 2, size * 2, channels, 3, stride: 2))
                layers.append(square("resnet 1x1/2", n, channels, size * 2, channels * 2, 1, stride: 2))
                layers.append(square("resnet50 1x1", n, channels, size, channels * 4, 1))
                layers.append(square("resnet50 1x1", n, channels * 4, size, channels, 1))
                layers.append(square("resnext", n, channels * 2, size, channels * 2, 3, groups: 32))
                layers.append(square("deeplab", n, channels, size, channels, 3, dilation: 2))
            }
            for (channels, size, out) in [(3, 224, 64), (64, 224, 64), (128, 112, 128), (512, 28, 512)] {
                layers.append(square("vgg", n, channels, size, out, 3))
            }
            layers.append(square("alexnet", n, 3, 224, 64, 11, stride: 4, padding: 2))
            layers.append(square("alexnet", n, 64, 27, 192, 5))
            for (channels, size) in [(96, 56), (224, 28), (992, 7)] {
                layers.append(square("densenet 1x1", n, channels, size, 128, 1))
                layers.append(square("densenet 3x3", n, 128, size, 32, 3))
            }
            for (channels, size, kernel, stride) in [
                (32, 112, 3, 1), (96, 112, 3, 2), (144, 56, 5, 2), (240, 28, 5, 1), (960, 7, 3, 1), (1152, 7, 5, 1),
            ] {
                layers.append(
                    square("depthwise", n, channels, size, channels, kernel, stride: stride, groups: channels))
            }
            layers.append(square("mobilenet 1x1", n, 32, 112, 16, 1))
            layers.append(square("mobilenet 1x1", n, 16, 112, 96, 1))
            layers.append(square("squeeze", n, 480, 1, 20, 1))
            layers.append(square("squeeze", n, 20, 1, 480, 1))
            layers.append(square("inception stem", n, 3, 299, 32, 3, stride: 2, padding: 0))
            layers.append(Layer("inception 1x7", [n, 128, 17, 17], [128, 128, 1, 7], padding: 3))
            layers.append(square("patches", n, 3, 224, 768, 16, stride: 16, padding: 0))
            layers.append(square("mnist", n, 1, 28, 10, 5, padding: 0))
            layers.append(square("odd channels", n, 7, 13, 5, 3))
            layers.append(square("same, even kernel", n, 16, 20, 24, 4, padding: 1, paddingAfter: 2))
            layers.append(square("tensorflow's same", n, 24, 56, 40, 3, stride: 2, padding: 0, paddingAfter: 1))
            layers.append(Layer("1-d", [n, 32, 1000], [64, 32, 9], padding: 4))
            layers.append(Layer("1-d causal", [n, 32, 1000], [64, 32, 3], padding: 4, paddingAfter: 0, dilation: 2))
            layers.append(Layer("3-d", [n, 16, 8, 28, 28], [32, 16, 3, 3, 3], padding: 1))
            layers.append(Layer("3-d stem", [n, 3, 16, 56, 56], [64, 3, 3, 7, 7], stride: 2, padding: 3))
            layers.append(
                Layer("3-d depthwise", [n, 32, 8, 14, 14], [32, 1, 3, 3, 3], padding: 1, groups: 32))
        }
        return layers
    }()

    private static func problems(_ layer: Layer) -> [(String, ConvolutionProblem)] {
        var problems: [(String, ConvolutionProblem)] = []
        for dtype in [DType.bfloat16, .float16, .float32] {
            for allowsTF32 in dtype == .float32 ? [true, false] : [false] {
                func problem(_ pass: ConvolutionProblem.Pass) -> ConvolutionProblem {
                    ConvolutionProblem(
                        pass, dtype, x: Shape(layer.x), weight: Shape(layer.weight), out: layer.out,
                        geometry: layer.geometry, allowsTF32: allowsTF32)
                }
                let kind = "\(dtype)\(allowsTF32 ? " tf32" : "")"
                problems.append(("\(kind) input gradient", problem(.inputGradient)))
                problems.append(("\(kind) weight gradient", problem(.weightGradient)))
                // What the backend requests: if there is no bias it creates one of zeros, since engines fuse nothing
                // without one.
                for (hasAddend, hasBias, isRectified) in [
                    (false, false, false), (false, true, false), (false, true, true), (true, true, false),
                    (true, true, true),
                ] {
                    var forward = problem(.forward)
                    (forward.hasAddend, forward.hasBias, forward.isRectified) = (hasAddend, hasBias, isRectified)
                    let name =
                        "\(hasAddend ? " + addend" : "")\(hasBias ? " + bias" : "")\(isRectified ? " + relu" : "")"
                    problems.append(("\(kind) forward\(name)", forward))
                }
            }
        }
        return problems
    }

    /// Prints how many graphs have a plan; returns whether all do.
    static func run(_ paths: [String], verbose: Bool) -> Bool {
        var complete = true
        for path in paths {
            guard let json = text(path) else {
                print("\(path) cannot be read")
                return false
            }
            let target: CudnnTarget
            do { target = try CudnnTarget(describedBy: json) } catch {
                print("\(path): \(error)")
                return false
            }
            complete = survey(path, target, verbose: verbose) && complete
        }
        return complete
    }

    private static func survey(_ path: String, _ target: CudnnTarget, verbose: Bool) -> Bool {
        var found: [String: Int] = [:]
        var missing: [String: [String]] = [:]
        var order: [String] = []
        for layer in layers {
            for (kind, problem) in problems(layer) {
                if found[kind] == nil { order.append(kind) }
                let plans = (try? ConvolutionGraph(problem, for: target))?.plans(count: 4) ?? []
                if verbose {
                    let notes = plans.map { "\($0.notes)/\($0.workspaceSize >> 10)K" }.joined(separator: " ")
                    print("\(layer.name) \(Shape(layer.x)) \(Shape(layer.weight)) \(kind): \(notes)")
                }
                found[kind, default: 0] += plans.isEmpty ? 0 : 1
                if plans.isEmpty { missing[kind, default: []].append("\(layer.name) \(layer.x) \(layer.weight)") }
            }
        }
        print(path)
        var complete = true
        for kind in order {
            let count = missing[kind]?.count ?? 0
            print("  \(kind): \(found[kind]!) of \(layers.count)")
            if count > 0 && count <= 12 { for name in missing[kind]! { print("    none for \(name)") } }
            if count > 0 { complete = false }
        }
        return complete
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, 1 << 16, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
