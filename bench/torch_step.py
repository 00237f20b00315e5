#!/usr/bin/env python3
"""Times one training step of the benchmark's hourglass in PyTorch, for comparison; prints one JSON line.

    python3 bench/torch_step.py --net 32x5 --size 256 [--seconds 5] [--threads 2]

The network of src/engine/network/skip.ts with 4 skip channels, 32 input planes with noise, least squares, Adam.
Runs on CUDA where there is one (float32 without TF32), else on the CPU.
"""
import argparse, json, time
import torch, torch.nn as nn, torch.nn.functional as F


class Block(nn.Sequential):
    def __init__(self, cin, cout, k, stride=1):
        pad = [nn.ReflectionPad2d((k - 1) // 2)] if k > 1 else []
        super().__init__(*pad, nn.Conv2d(cin, cout, k, stride, bias=False), nn.BatchNorm2d(cout), nn.LeakyReLU(0.2))


class Scale(nn.Module):
    def __init__(self, channels, cin, skip=4):
        super().__init__()
        c = channels[0]
        self.skip, self.down, self.deep = Block(cin, skip, 1), Block(cin, c, 3, 2), Block(c, c, 3)
        self.inner = Scale(channels[1:], c, skip) if len(channels) > 1 else nn.Identity()
        merged = skip + (channels[1] if len(channels) > 1 else c)
        self.merge, self.conv, self.pointwise = nn.BatchNorm2d(merged), Block(merged, c, 3), Block(c, c, 1)

    def forward(self, x):
        y = F.interpolate(self.inner(self.deep(self.down(x))), scale_factor=2, mode="bilinear", align_corners=False)
        y = torch.cat([self.skip(x), y[:, :, :x.shape[2], :x.shape[3]]], 1)
        return self.pointwise(self.conv(self.merge(y)))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--net", default="32x5")
    ap.add_argument("--size", type=int, default=256)
    ap.add_argument("--seconds", type=float, default=5)
    ap.add_argument("--threads", type=int)
    a = ap.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    cuda = torch.cuda.is_available()
    device = "cuda" if cuda else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    torch.set_flush_denormal(True)
    width, scales = map(int, a.net.split("x"))
    net = nn.Sequential(Scale([width] * scales, 32), nn.Conv2d(width, 3, 1), nn.Sigmoid()).to(device)
    z, target = torch.rand(1, 32, a.size, a.size, device=device) * 0.1, torch.rand(1, 3, a.size, a.size, device=device)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)

    def step():
        t0 = time.perf_counter()
        loss = ((net(z + torch.randn_like(z) / 30) - target) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if cuda:
            torch.cuda.synchronize()
        return (time.perf_counter() - t0) * 1e3

    for _ in range(3):
        step()
    times, end = [], time.perf_counter() + a.seconds
    while time.perf_counter() < end or len(times) < 3:
        times.append(step())
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    memory = torch.cuda.max_memory_allocated() if cuda else None
    print(json.dumps({"adapter": f"PyTorch {torch.__version__}, {name}", "msPerStep": sorted(times)[len(times) // 2], "bytes": memory}))


main()
