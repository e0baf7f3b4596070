/// The page "From PyTorch" of the documentation: how each operator, layer, optimizer and schedule is spelt here.
///
/// `conformance --from-pytorch > docs/from-pytorch.md` writes it, from the tables by which the cases are run.
enum FromPyTorchPage {
    static var text: String {
        // Python's names for an operator after another kind of value mean nothing here.
        let operators = OperatorTable.shared.rows.filter { !$0.torch.hasPrefix("__r") }.map {
            [$0.torch, $0.swift, $0.note]
        }
        let layers = ModuleTable.shared.rows.map { [$0.torch, $0.swift, $0.note] }
        let optimizers = optimizerRows.map { [$0.torch, $0.swift, ""] }
        let schedules = scheduleRows.map { [$0.torch, $0.swift, ""] }
        return [
            introduction, section("Operators", operators), section("Layers and losses", layers),
            section("Optimizers", optimizers),
            section("Schedules, held to by Scheduler(optimizer, schedule)", schedules),
        ].joined(separator: "\n\n") + "\n"
    }

    private static func section(_ title: String, _ rows: [[String]]) -> String {
        let lines = rows.sorted { $0[0].lowercased() < $1[0].lowercased() }.map { row in
            "| `\(row[0])` | `\(row[1])` | \(row[2]) |"
        }
        return "## \(title)\n\n| PyTorch | Cresset | differences |\n|---|---|---|\n" + lines.joined(separator: "\n")
    }

    private static let introduction = """
        # From PyTorch

        The names of things are PyTorch's (`Conv2d`, `CrossEntropyLoss`, `StepLR`), and so are defaults, edge cases, slopes
        at kinks and the numbers from a seed. This page is written by the runner of the conformance cases, from the table
        by which it calls each operator: what stands here has passed them.

        | PyTorch | Cresset |
        |---|---|
        | `class Net(nn.Module)` with `super().__init__()` | `final class Net: Layer`; layers are stored properties |
        | `def forward(self, x)`, `net(x)` | `func forward(_ x: Tensor) -> Tensor`, `net(x)` |
        | `loss.backward(); optimizer.step(); optimizer.zero_grad()` | `optimizer.step(loss.gradients())` |
        | `p.grad` | `gradients[p]`, a value: add them up, clip them, hand them on |
        | `torch.autograd.grad(y, x, create_graph=True)` | `y.gradients(withRespectTo: [x], createsGraph: true)` |
        | `x.requires_grad_()`, `x.detach()` | `x.requiringGradient()`, `x.detached()` |
        | `with torch.no_grad():` | `withoutGradients { … }` |
        | `model.train()`, `model.eval()`, `self.training` | the same; `var isTraining = true` in a module that asks |
        | `nn.Parameter(x)`, `register_buffer` | properties: `let scale = Parameter(x)`, `let mean = Buffer(x)` |
        | `nn.ModuleList`, `nn.ModuleDict`, `nn.Sequential` | an array of modules, `Sequential(named:)`, `Sequential(Linear(2, 3), ReLU())` |
        | `decoder.weight = embedding.weight` | the same, or `Linear(weight: embedding.weight)` |
        | `copy.deepcopy(model)` | `try model.copy { Net() }`: the structure is told once more |
        | `model.double()` | `model.to(.float64)` |
        | `nn.init.xavier_uniform_(p)` and its kin | `p.initializeXavierUniform()`, `initializeOrthogonal()`, … |
        | `p.requires_grad = False` | `model.freeze(matching: "layer1.*")` |
        | `model.state_dict()`, `model.load_state_dict(d)` | `model.stateDict()`, `try model.load(state)` |
        | `torch.save(model.state_dict(), f)`, `torch.load(f)` | `try Checkpoint.save(state, to: f)`, `try Checkpoint.load(f)` |
        | `optimizer.state_dict()`, `optimizer.load_state_dict(d)` | `optimizer.state`, `try optimizer.load(state)`; a file of either side: `try optimizer.load(contentsOf: f)` |
        | `torch.save({"model": m, "optimizer": o}, f)` | `try CheckpointValue.dictionary([("model", CheckpointValue(state)), ("optimizer", optimizer.state.pytorch)]).save(to: f)` |
        | `[{"params": head, "lr": 0.01}, …]` | `model.groups(["fc.*": [.lr: 0.01], "*": [:]])` |
        | `optimizer.param_groups[0]["lr"]` | `optimizer.groups[0][.lr]` |
        | `scheduler.state_dict()` | `scheduler.state` (`Codable`), `try scheduler.load(Scheduler.State(pytorch: value))` |
        | names in optimizer messages | `Adam([model.group()])`; a plain list has numbers |
        | `clip_grad_norm_(parameters, 1)`, `clip_grad_value_` | `gradients.clip(norm: 1)`, `gradients.clip(value: 1)` on a `var` |
        | `AveragedModel`, `update_bn` | `WeightAverage(model)`, `model.updateBatchNorm(batches) { … }` |
        | `DataLoader(dataset, 32, shuffle=True, num_workers=2)` | `DataLoader(dataset, batchSize: 32, shuffles: true, workers: 2)` |
        | `TensorDataset(x, y)` | `TensorDataset(x, y)` |
        | `register_hook` | `x.onGradient { … }`, on parameters too |
        | `autograd.Function` | `Tensor.custom("name", inputs, forward: …, backward: …)` |
        | `autograd.gradcheck`, `gradgradcheck` | `try checkGradients(inputs) { … }`, `order: 2` |
        | `autograd.detect_anomaly()` | `try detectingAnomalies { … }` |
        | `retain_graph=True` | `retainsGraph: true` |
        | `register_forward_hook` | `withForwardHook { module, output in … }`, `model.features(at: ["layer3"], x)` |
        | `torch.utils.checkpoint.checkpoint(f, x)` | `checkpointed(x) { f($0) }` |
        | `torch.manual_seed(0)` | `Generator.current.manualSeed(0)` |
        | `torch.rand`, `randn`, `randint`, `randperm` | `Tensor.uniform(shape)`, `normal(shape)`, `integers(shape, in: 0..<10)`, `permutation(n)` |
        | `x.bernoulli_(p)` | `Tensor.bernoulli(shape, probability: p)` |
        | `F.dropout(x, p)` | `x.dropout(probability: p)`: always drops; `Dropout` asks for the mode |
        | `x.to("cuda")`, `x.float()` | `x.to(device)`, `x.to(.float32)` |
        | `dim`, `keepdim`, `eps`, `p` of dropout | `axis`, or `axes: [0]` where there may be several; `keepsAxis`, `epsilon`, `probability` |
        | `x[1:5, ::2, None, ..., -1]` | `x[1..<5, .slice(step: 2), .newAxis, .ellipsis, -1]` |
        | `x.add_(y)`, `x[0] = y` | tensors are values: `x += y`, `x[0] = y` change the variable, never another copy |
        | `x[0, 1] = 5` | `x[0, 1] = Tensor(5)` |
        | `torch.tensor([1.0, 2.0])` | `Tensor([1, 2] as [Float])`: an array of `Double` is float64 |
        | `x.item()` of an integer tensor | `Int(x.item())`: `item()` is a `Double` |

        Shapes that do not fit end the program with the operator, the shapes and a hint. Whatever comes from outside (a
        file, a picture, an option) throws an error.
        """
}
