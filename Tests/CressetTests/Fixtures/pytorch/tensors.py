"""Writes tensors/: each way in which PyTorch pickles a tensor, as the tests expect them. Needs torch 2.13.

python tensors.py
"""

import pathlib

import torch

folder = pathlib.Path(__file__).parent / "tensors"
folder.mkdir(exist_ok=True)


class Marked(torch.Tensor):
    pass


base = torch.arange(6.0)
tagged = torch.tensor([1.0, 2.0])
tagged.tag = "kept nowhere"
parameter = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
parameter.tag = 1
readable = {
    # The imaginary part of a conjugate: the storage's numbers with the opposite sign.
    "negated": torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
    "negated half": torch.view_as_complex(torch.tensor([[1.0, 2], [0, -0.5]], dtype=torch.float64)).conj().imag,
    "expanded": base[:2].reshape(2, 1).expand(2, 3),
    "scalar expanded": torch.tensor(7).expand(2, 2),
    "windows": base.unfold(0, 3, 1),
    "view": base[1::2],
    "transposed": base.reshape(2, 3).T,
    "with an attribute": tagged,
    "parameter": torch.nn.Parameter(torch.tensor([5.0])),
    "parameter with an attribute": parameter,
    "buffer": torch.nn.Buffer(torch.tensor([6.0])),
    "gradient wanted": torch.ones(2, requires_grad=True),
}
torch.save(readable, folder / "readable.pth")
torch.save(readable, folder / "readable-legacy.pth", _use_new_zipfile_serialization=False)

unreadable = {
    "complex": torch.tensor([1 + 2j]).conj(),
    "float8": torch.ones(2).to(torch.float8_e4m3fn),
    "uint16": torch.ones(2, dtype=torch.uint16),
    "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 1, torch.qint8),
    "sparse": torch.eye(2).to_sparse(),
    "csr": torch.eye(2).to_sparse_csr(),
    "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    "jagged": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged),
    "meta": torch.ones(2, device="meta"),
    "subclass": torch.ones(2).as_subclass(Marked),
    "lazy": torch.nn.LazyLinear(2).weight,
}
for name, tensor in unreadable.items():
    torch.save({"good": torch.ones(1), f"layer.{name}": tensor}, folder / f"unreadable-{name}.pth")
