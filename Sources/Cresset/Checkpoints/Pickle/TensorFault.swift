/// Why a tensor that a pickle describes cannot be read.
///
/// It becomes an error, with the tensor's name, only if the tensor is requested: unusable values next to the weights
/// are no reason to reject them.
struct TensorFault: Error, Hashable {
    let kind: CheckpointError.Kind
    /// What is wrong, worded to follow the tensor's name and a colon.
    let problem: String
    let hint: String?

    init(_ kind: CheckpointError.Kind, _ problem: String, hint: String? = nil) {
        self.kind = kind
        self.problem = problem
        self.hint = hint
    }

    /// The corresponding error for the tensor called `name`.
    func error(for name: String) -> CheckpointError {
        CheckpointError(kind, "entry \(printable(name)): \(problem)", hint: hint)
    }

    static func corrupt(_ problem: String) -> TensorFault { TensorFault(.corrupt, problem) }

    /// An element type that Cresset does not have, by the name of PyTorch's dtype or storage class.
    static func dtype(_ fullName: String) -> TensorFault {
        let name = dtypeNames[fullName] ?? String(fullName.drop { $0 != "." }.dropFirst())
        let (kind, hint): (String, String) =
            switch name {
            case _ where name.hasPrefix("complex"):
                ("complex numbers (\(name))", "in PyTorch, save torch.view_as_real(tensor)")
            case _ where name.hasPrefix("float8"): ("8-bit floating point (\(name))", "in PyTorch, save tensor.float()")
            case _ where name.hasPrefix("q"): ("quantized numbers (\(name))", "in PyTorch, save tensor.dequantize()")
            default: ("elements of type \(printable(name))", "in PyTorch, convert the tensor to another dtype first")
            }
        return TensorFault(.unsupported, kind + " are not supported", hint: hint)
    }

    private static let dtypeNames = [
        "torch.ComplexFloatStorage": "complex64", "torch.ComplexDoubleStorage": "complex128",
        "torch.QInt8Storage": "qint8", "torch.QUInt8Storage": "quint8", "torch.QInt32Storage": "qint32",
        "torch.QUInt4x2Storage": "quint4x2", "torch.QUInt2x4Storage": "quint2x4",
    ]

    /// A tensor that the function `torch._utils._rebuild_` + `kind` would create.
    static func rebuilt(by kind: String) -> TensorFault {
        switch kind {
        case "qtensor":
            TensorFault(
                .unsupported, "quantized tensors are not supported", hint: "in PyTorch, save tensor.dequantize()")
        case "sparse_tensor", "sparse_csr_tensor":
            TensorFault(.unsupported, "sparse tensors are not supported", hint: "in PyTorch, save tensor.to_dense()")
        case "nested_tensor":
            TensorFault(
                .unsupported, "nested tensors are not supported", hint: "in PyTorch, save list(tensor.unbind())")
        case "meta_tensor_no_storage":
            TensorFault(
                .unsupported, "it was saved from the meta device and has no numbers",
                hint: "in PyTorch, give the model its weights before saving")
        case "wrapper_subclass": subclass("torch.Tensor")
        default:
            TensorFault(
                .unsupported, "tensors made by torch._utils._rebuild_\(printable(kind)) are not supported",
                hint: "in PyTorch, save an ordinary tensor on the CPU")
        }
    }

    static func subclass(_ name: String) -> TensorFault {
        TensorFault(
            .unsupported,
            name == "torch.Tensor"
                ? "it is of a subclass of Tensor that keeps its numbers elsewhere"
                : "it is of a subclass of Tensor, \(printable(name)), whose meaning is not known",
            hint: "in PyTorch, convert it to an ordinary tensor before saving")
    }

    static let uninitialized = TensorFault(
        .unsupported, "it belongs to a lazy module that was never run and has no numbers",
        hint: "in PyTorch, call the model once before saving")
}
