"""Times training steps of AlexNet by PyTorch, as TrainingStep does by this project.

train_step.py PART STEPS HOW: PART is all, classifier or head; HOW is default (AdamW as it
comes) or fused (its fused form, weights and pictures with channels last). Prints the median
seconds of a step by the clock, the seconds of processor time, and the process's peak memory
in 10^6 bytes.
"""
import statistics
import sys
import time

import torch
from torch import nn

CLASSES, BATCH, THREADS, WARM_UP = 3, 32, 2, 2


def alexnet():
    def convolution(inputs, outputs, size, stride, padding):
        return [nn.Conv2d(inputs, outputs, size, stride, padding), nn.ReLU(inplace=True)]

    def pool():
        return [nn.MaxPool2d(3, 2)]

    def hidden(inputs, outputs):
        return [nn.Dropout(0.5), nn.Linear(inputs, outputs), nn.ReLU(inplace=True)]

    return nn.Sequential(
        *convolution(3, 64, 11, 4, 2), *pool(),
        *convolution(64, 192, 5, 1, 2), *pool(),
        *convolution(192, 384, 3, 1, 1),
        *convolution(384, 256, 3, 1, 1),
        *convolution(256, 256, 3, 1, 1), *pool(),
        nn.Flatten(),
        *hidden(256 * 6 * 6, 4096), *hidden(4096, 4096),
        nn.Linear(4096, CLASSES))


def trained(network, part):
    layers = [m for m in network if any(True for _ in m.parameters())]
    chosen = {"all": layers,
              "classifier": [m for m in layers if isinstance(m, nn.Linear)],
              "head": layers[-1:]}[part]
    network.requires_grad_(False)
    for layer in chosen:
        layer.requires_grad_(True)
    return [p for layer in chosen for p in layer.parameters()]


def peak_megabytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 // 1_000_000


def main(part, steps, how):
    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    fused = how == "fused"
    network = alexnet().train()
    pictures = torch.randn(BATCH, 3, 224, 224)
    if fused:
        network = network.to(memory_format=torch.channels_last)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
    labels = torch.arange(BATCH) % CLASSES
    # None: PyTorch chooses, as it does when nothing is said.
    optimizer = torch.optim.AdamW(trained(network, part), lr=1e-4, fused=True if fused else None)
    clock, processor = [], []
    for i in range(WARM_UP + steps):
        begun, spent = time.perf_counter(), time.process_time()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(pictures), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        if i >= WARM_UP:
            clock.append(time.perf_counter() - begun)
            processor.append(time.process_time() - spent)
    print(f"{statistics.median(clock):.2f} {statistics.median(processor):.2f} {peak_megabytes()}")


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
