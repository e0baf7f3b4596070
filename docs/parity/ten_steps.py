"""Ten steps of training ResNet-18 with PyTorch: batch 8, SGD with momentum, from seed 0, on data from seed 1.

Prints `step loss` lines; the Swift program beside it prints the same. Needs torch and torchvision.
"""
import torch, torchvision

torch.manual_seed(0)
model = torchvision.models.resnet18(num_classes=10).train()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
data = torch.Generator().manual_seed(1)
for step in range(10):
    x = torch.randn(8, 3, 224, 224, generator=data)
    y = torch.randint(0, 10, (8,), generator=data)
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(step, f"{loss.item():.7f}", flush=True)
