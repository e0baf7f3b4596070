"""Optimizers of PyTorch in the middle of their work: makes optimizers.pth and adamw.pth, and checks what Cresset wrote.

    python optimizers.py            five steps, the state, five steps more: written beside this script
    python optimizers.py FOLDER     loads the states that Cresset wrote after five steps, goes on, compares

FOLDER is filled by the tests when the environment variable CRESSET_PYTORCH_FOLDER names it. Needs torch 2.5 or later.
"""
import pathlib, sys, torch
import torch.utils.serialization

# (name, class, options). The second group's rate is half of the first's.
CASES = [
    ("SGD", "SGD", dict(lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.01, maximize=True)),
    ("SGD without momentum", "SGD", dict(lr=0.1)),
    ("Adadelta", "Adadelta", dict(lr=0.5, weight_decay=0.1)),
    ("Adagrad", "Adagrad", dict(lr=0.1, lr_decay=0.5, initial_accumulator_value=0.25)),
    ("Adam", "Adam", dict(lr=0.01, betas=(0.8, 0.95), weight_decay=0.1, amsgrad=True)),
    ("AdamW", "AdamW", dict(lr=0.01, weight_decay=0.1)),
    ("SparseAdam", "SparseAdam", dict(lr=0.01, betas=(0.8, 0.95))),
    ("Adamax", "Adamax", dict(lr=0.01)),
    ("NAdam", "NAdam", dict(lr=0.01, momentum_decay=0.01, weight_decay=0.1, decoupled_weight_decay=True)),
    ("RAdam", "RAdam", dict(lr=0.01, betas=(0.9, 0.9), weight_decay=0.1)),
    ("RMSprop", "RMSprop", dict(lr=0.01, alpha=0.9, momentum=0.5, centered=True)),
    ("Rprop", "Rprop", dict(lr=0.05, etas=(0.4, 1.3), step_sizes=(1e-5, 1))),
    ("ASGD", "ASGD", dict(lr=0.05, lambd=0.01, t0=2)),
    ("LBFGS", "LBFGS", dict(lr=0.5, max_iter=3, history_size=5)),
    ("LBFGS with a line search", "LBFGS", dict(max_iter=3, history_size=5, line_search_fn="strong_wolfe")),
]
SHAPES = [(3, 2), (4,)]
torch.sparse.check_sparse_tensor_invariants.enable()


def start():
    """The parameters at the beginning."""
    return [
        torch.nn.Parameter((torch.arange(torch.Size(s).numel(), dtype=torch.float64) * 0.61 + i).cos().reshape(s).float())
        for i, s in enumerate(SHAPES)
    ]


def make(kind, options, parameters):
    if kind == "LBFGS":
        return torch.optim.LBFGS(parameters, **options)
    if kind == "SparseAdam":
        return torch.optim.SparseAdam(parameters[:1], **options)
    groups = [{"params": [parameters[0]]}, {"params": [parameters[1]], "lr": options["lr"] / 2}]
    return getattr(torch.optim, kind)(groups, **options)


def step(kind, optimizer, parameters, t):
    """The step number t, counted from 1."""
    if kind == "LBFGS":
        def closure():
            optimizer.zero_grad()
            loss = sum((((p - 1.5) ** 2) * (i + 1)).sum() + ((p - 1.5) ** 4).sum() for i, p in enumerate(parameters))
            loss.backward()
            return loss
        optimizer.step(closure)
        return
    for i, p in enumerate(parameters):
        wave = torch.arange(p.numel(), dtype=torch.float64) * 0.37 + 1.3 * t + i
        p.grad = wave.sin().float().reshape(p.shape) + p.detach() * 0.25
        if kind == "SparseAdam":
            rows = torch.tensor([t % 3, (t + 1) % 3])
            p.grad = torch.sparse_coo_tensor(rows[None], p.grad[rows], p.shape) if i == 0 else None
    optimizer.step()


def vector(parameters):
    return torch.cat([p.detach().flatten() for p in parameters])


def write(folder):
    file = {}
    for name, kind, options in CASES:
        parameters = start()
        optimizer = make(kind, options, parameters)
        for t in range(1, 6):
            step(kind, optimizer, parameters, t)
        # A copy: the steps that follow change the state's tensors.
        state = torch.load(save(optimizer.state_dict()), weights_only=True)
        before = vector(parameters)
        for t in range(6, 11):
            step(kind, optimizer, parameters, t)
        file[name] = {"optimizer": state, "before": before, "after": vector(parameters)}
        if name == "AdamW":
            torch.save({"epoch": 5, "optimizer": state, "note": "as people write it", "model": {"x": before}},
                       folder / "adamw.pth")
    # A smaller file: PyTorch's 64 bytes would mostly be filling here.
    torch.utils.serialization.config.save.storage_alignment = 1
    torch.save(file, folder / "optimizers.pth")


def save(value):
    import io
    buffer = io.BytesIO()
    torch.save(value, buffer)
    buffer.seek(0)
    return buffer


def check(folder):
    worst = 0.0
    for name, kind, options in CASES:
        file = torch.load(folder / f"{name}.pth", weights_only=True)
        parameters = start()
        at = 0
        for p in parameters:
            p.data = file["before"][at : at + p.numel()].reshape(p.shape).clone()
            at += p.numel()
        # With options that are not those of the file: the file's must win.
        optimizer = make(kind, {"lr": 0.123}, parameters)
        optimizer.load_state_dict(file["optimizer"])
        expected = make(kind, options, start()).state_dict()["param_groups"]
        found = optimizer.state_dict()["param_groups"]
        for a, b in zip(expected, found):
            assert set(a) == set(b), f"{name}: options {set(a) ^ set(b)}"
            assert all(a[key] == b[key] for key in a), f"{name}: {a} became {b}"
        for t in range(6, 11):
            step(kind, optimizer, parameters, t)
        difference = (vector(parameters) - file["after"]).abs().max().item()
        worst = max(worst, difference)
        print(f"{name:26} {difference:.1e}")
        assert difference < 2e-6 and (vector(parameters) - file["before"]).abs().max() > 1e-4, name
    state = torch.load(folder / "model.pth", weights_only=True)
    assert all((t == torch.arange(t.numel()).reshape(t.shape).to(t.dtype)).all() for t in state.values()), state
    print(f"{len(state)} dtypes; all within {worst:.1e}")


if len(sys.argv) > 1:
    check(pathlib.Path(sys.argv[1]))
else:
    write(pathlib.Path(__file__).parent)
