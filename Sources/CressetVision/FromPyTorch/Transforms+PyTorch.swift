// PyTorch's spellings that people type first. They do not exist here; the compiler names what does.
// Each message gives our spelling in backticks; Tests/CressetTests/House/SpellingTests.swift looks them up.

extension Normalize {
    @available(*, unavailable, renamed: "init(mean:deviation:)")
    public init(mean: [Double], std: [Double]) { fatalError() }
}

extension Compose {
    @available(*, unavailable, message: "use `Compose([…])`: one array")
    public init(_ transforms: any Transform...) { fatalError() }
}

extension Resize {
    @available(*, unavailable, message: "use `Resize(.exactly(width: 224, height: 224))`")
    public init(_ size: (Int, Int)) { fatalError() }
}

extension RandomHorizontalFlip {
    @available(*, unavailable, renamed: "init(probability:)")
    public init(p: Double) { fatalError() }
}

extension RandomErasing {
    @available(*, unavailable, renamed: "init(probability:)")
    public init(p: Double) { fatalError() }
}

extension RandomApply {
    @available(*, unavailable, renamed: "init(_:probability:)")
    public init(_ transforms: [any Transform], p: Double) { fatalError() }
}

extension ColorJitter {
    @available(*, unavailable, message: "use `ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)`")
    public init(_ brightness: Double, _ contrast: Double = 0, _ saturation: Double = 0, _ hue: Double = 0) {
        fatalError()
    }
}

extension Image {
    @available(*, unavailable, message: "use `Image(contentsOf: path)`")
    public static func open(_ path: String) -> Image { fatalError() }
    @available(*, unavailable, message: "use `resized(width: 224, height: 224)`")
    public func resize(_ size: (Int, Int)) -> Image { fatalError() }
    @available(*, unavailable, message: "use `writePNG(to: path)`, or `writeJPEG(to: path)`")
    public func save(_ path: String) { fatalError() }
}
