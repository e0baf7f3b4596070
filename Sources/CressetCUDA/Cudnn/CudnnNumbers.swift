import CressetBackend

/// Numbers of `cudnn_graph.h`.
enum Cudnn {
    /// cudnnBackendDescriptorType_t.
    enum Kind: Int32 {
        case pointwise = 0
        case convolution = 1
        case engine = 2
        case engineConfiguration = 3
        case engineHeuristic = 4
        case executionPlan = 5
        case convolutionForward = 10
        case convolutionBackwardFilter = 11
        case convolutionBackwardData = 12
        case pointwiseOperation = 13
        case operationGraph = 15
        case variantPack = 16
        case tensor = 17
        case deviceProperties = 38
    }

    /// cudnnBackendAttributeType_t.
    enum ValueType: Int32 {
        case handle = 0
        case dataType = 1
        case boolean = 2
        case int64 = 3
        case float = 4
        case pointer = 6
        case convolutionMode = 7
        case heuristicMode = 8
        case nanPropagation = 10
        case numericalNote = 11
        case pointwiseMode = 14
        case descriptor = 15
        case character = 24
    }

    /// cudnnBackendAttributeName_t.
    enum Attribute: Int32 {
        case pointwiseMode = 0
        case pointwisePrecision = 1
        case pointwiseNaNPropagation = 2
        case convolutionComputeType = 100
        case convolutionMode = 101
        case convolutionDilations = 102
        case convolutionStrides = 103
        case convolutionPaddingAfter = 104
        case convolutionPaddingBefore = 105
        case convolutionAxes = 106
        case heuristicMode = 200
        case heuristicGraph = 201
        case heuristicResults = 202
        case heuristicDeviceProperties = 204
        case configurationEngine = 300
        case planHandle = 400
        case planConfiguration = 401
        case planWorkspaceSize = 402
        case planDeviceProperties = 407
        case forwardAlpha = 700
        case forwardBeta = 701
        case forwardConvolution = 702
        case forwardWeight = 703
        case forwardX = 704
        case forwardY = 705
        case backwardDataAlpha = 706
        case backwardDataBeta = 707
        case backwardDataConvolution = 708
        case backwardDataWeight = 709
        case backwardDataDX = 710
        case backwardDataDY = 711
        case backwardFilterAlpha = 712
        case backwardFilterBeta = 713
        case backwardFilterConvolution = 714
        case backwardFilterDW = 715
        case backwardFilterX = 716
        case backwardFilterDY = 717
        case pointwiseOperator = 750
        case pointwiseX = 751
        case pointwiseB = 752
        case pointwiseY = 753
        case graphHandle = 800
        case graphOperations = 801
        case tensorAlignment = 900
        case tensorDataType = 901
        case tensorLengths = 902
        case tensorStrides = 903
        case tensorIdentifier = 906
        case tensorIsVirtual = 907
        case variantIdentifiers = 1000
        case variantPointers = 1001
        case variantWorkspace = 1003
        case engineNumericalNotes = 1303
        case devicePropertiesJSON = 2702
    }

    /// cudnnDataType_t.
    static func dataType(_ dtype: DType) -> Int32 {
        switch dtype {
        case .float32: 0
        case .float64: 1
        case .float16: 2
        case .bfloat16: 9
        default: fatalError("cuDNN has no convolutions for \(dtype)")
        }
    }

    /// CUDNN_CROSS_CORRELATION, of cudnnConvolutionMode_t.
    static let crossCorrelation: Int32 = 1
    /// CUDNN_PROPAGATE_NAN, of cudnnNanPropagation_t.
    static let propagateNaN: Int32 = 1

    /// cudnnPointwiseMode_t.
    enum PointwiseMode: Int32 {
        case add = 0
        case relu = 100
    }

    /// cudnnBackendHeurMode_t.
    enum HeuristicMode: Int32 {
        case fallback = 2
        case a = 3
    }

    /// cudnnBackendNumericalNote_t.
    enum NumericalNote: Int32 {
        case tensorCore = 0
        case downConvertsInputs = 1
        case reducedPrecisionSums = 2
        case nondeterministic = 4
    }
}
