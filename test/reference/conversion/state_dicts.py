"""Writes state dicts of published layouts, with the answers of PyTorch, for the tests of the converter.

    apt install python3-torch
    python3 -m venv --system-site-packages env && env/bin/pip install numpy opencv-python-headless safetensors
    env/bin/pip install --no-deps facenet-pytorch
    env/bin/python test/reference/conversion/state_dicts.py [--large DIR]

Writes beside this file: thin networks with random weights (the layouts with few channels, so that the files are small), the P-Net of
facenet-pytorch with its own weights, and answers.json. With --large, also InceptionResnetV1 of facenet-pytorch (94 MB) and an IR-50 of
full size (174 MB) with random weights, each as .pt and as .onnx, and the three networks of facenet-pytorch's MTCNN with their own
weights, into DIR, for the tests that the variable FACENET_PYTORCH_FILES turns on. --only-large leaves the files beside this one as they are.

The modules follow, name by name, TreB1eN/InsightFace_Pytorch (model.py), mk-minchul/AdaFace (net.py) and deepinsight/insightface
(recognition/arcface_torch/backbones/iresnet.py), which are not packages.
"""
import argparse
import importlib.util
import json
import shutil
import sys
import types
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

here = Path(__file__).parent


def crop(size=112, divisor=127.5):
    image = cv2.cvtColor(cv2.imread(str(here / "crop-1.png")), cv2.COLOR_BGR2RGB)
    if size != 112:
        # Every n-th pixel, which the test repeats exactly.
        index = np.arange(size) * 112 // size
        image = image[index][:, index]
    # By way of a list, because Debian's torch is built for Debian's NumPy.
    return (torch.tensor(image.tolist(), dtype=torch.float32).permute(2, 0, 1)[None] - 127.5) / divisor


def conv(inputs, outputs, size=3, stride=1, padding=1, groups=1):
    return nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups, bias=False)


class Flatten(nn.Module):
    def forward(self, x):
        return x.reshape(x.shape[0], -1)


class ConvBlock(nn.Module):
    def __init__(self, inputs, outputs, size=1, stride=1, padding=0, groups=1, linear=False):
        super().__init__()
        self.conv = conv(inputs, outputs, size, stride, padding, groups)
        self.bn = nn.BatchNorm2d(outputs)
        if not linear:
            self.prelu = nn.PReLU(outputs)
        self.linear = linear

    def forward(self, x):
        x = self.bn(self.conv(x))
        return x if self.linear else self.prelu(x)


class DepthWise(nn.Module):
    def __init__(self, inputs, outputs, groups, stride, residual=False):
        super().__init__()
        self.conv = ConvBlock(inputs, groups)
        self.conv_dw = ConvBlock(groups, groups, 3, stride, 1, groups)
        self.project = ConvBlock(groups, outputs, linear=True)
        self.residual = residual

    def forward(self, x):
        y = self.project(self.conv_dw(self.conv(x)))
        return x + y if self.residual else y


class Residual(nn.Module):
    def __init__(self, channels, blocks, groups):
        super().__init__()
        self.model = nn.Sequential(*(DepthWise(channels, channels, groups, 1, True) for _ in range(blocks)))

    def forward(self, x):
        return self.model(x)


class MobileFaceNet(nn.Module):
    def __init__(self, a=6, b=8, c=10, dimension=8):
        super().__init__()
        self.conv1 = ConvBlock(3, a, 3, 2, 1)
        self.conv2_dw = ConvBlock(a, a, 3, 1, 1, a)
        self.conv_23 = DepthWise(a, a, 2 * a, 2)
        self.conv_3 = Residual(a, 2, 2 * a)
        self.conv_34 = DepthWise(a, b, 2 * b, 2)
        self.conv_4 = Residual(b, 2, 2 * b)
        self.conv_45 = DepthWise(b, b, 2 * c, 2)
        self.conv_5 = Residual(b, 1, 2 * b)
        self.conv_6_sep = ConvBlock(b, c)
        self.conv_6_dw = ConvBlock(c, c, 7, 1, 0, c, linear=True)
        self.conv_6_flatten = Flatten()
        self.linear = nn.Linear(c, dimension, bias=False)
        self.bn = nn.BatchNorm1d(dimension)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


class SEModule(nn.Module):
    def __init__(self, channels, reduced):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, reduced, 1, bias=False)
        self.fc2 = nn.Conv2d(reduced, channels, 1, bias=False)

    def forward(self, x):
        gate = torch.relu(self.fc1(nn.functional.adaptive_avg_pool2d(x, 1)))
        return x * torch.sigmoid(self.fc2(gate))


class Bottleneck(nn.Module):
    def __init__(self, inputs, depth, stride, kind):
        super().__init__()
        if inputs == depth:
            self.shortcut_layer = nn.MaxPool2d(1, stride)
        else:
            self.shortcut_layer = nn.Sequential(conv(inputs, depth, 1, stride, 0), nn.BatchNorm2d(depth))
        first = [nn.BatchNorm2d(inputs), conv(inputs, depth)]
        middle = [nn.BatchNorm2d(depth)] if kind == "adaface" else []
        last = [nn.PReLU(depth), conv(depth, depth, 3, stride), nn.BatchNorm2d(depth)]
        gate = [SEModule(depth, 2)] if kind == "ir-se" else []
        self.res_layer = nn.Sequential(*first, *middle, *last, *gate)

    def forward(self, x):
        return self.res_layer(x) + self.shortcut_layer(x)


class Backbone(nn.Module):
    def __init__(self, kind, channels=(4, 4, 6, 8, 10), dimension=8, stages=(2, 2, 2, 2)):
        super().__init__()
        self.input_layer = nn.Sequential(conv(3, channels[0]), nn.BatchNorm2d(channels[0]), nn.PReLU(channels[0]))
        blocks = []
        for inputs, depth, count in zip(channels, channels[1:], stages):
            blocks += [Bottleneck(inputs, depth, 2, kind)] + [Bottleneck(depth, depth, 1, kind) for _ in range(count - 1)]
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(channels[-1]),
            nn.Dropout(),
            Flatten(),
            nn.Linear(channels[-1] * 49, dimension),
            nn.BatchNorm1d(dimension, affine=kind != "adaface"),
        )
        self.body = nn.Sequential(*blocks)

    def forward(self, x):
        return self.output_layer(self.body(self.input_layer(x)))


class IBasicBlock(nn.Module):
    def __init__(self, inputs, planes, stride, downsample):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = conv(inputs, planes)
        self.bn2 = nn.BatchNorm2d(planes)
        self.prelu = nn.PReLU(planes)
        self.conv2 = conv(planes, planes, 3, stride)
        self.bn3 = nn.BatchNorm2d(planes)
        if downsample:
            self.downsample = nn.Sequential(conv(inputs, planes, 1, stride, 0), nn.BatchNorm2d(planes))
        self.has_downsample = downsample

    def forward(self, x):
        y = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        return y + (self.downsample(x) if self.has_downsample else x)


class IResNet(nn.Module):
    def __init__(self, channels=(4, 6, 8, 10), dimension=8):
        super().__init__()
        self.conv1 = conv(3, channels[0])
        self.bn1 = nn.BatchNorm2d(channels[0])
        self.prelu = nn.PReLU(channels[0])
        inputs = channels[0]
        for stage, planes in enumerate(channels, start=1):
            layers = [IBasicBlock(inputs, planes, 2, True), IBasicBlock(planes, planes, 1, False)]
            setattr(self, f"layer{stage}", nn.Sequential(*layers))
            inputs = planes
        self.bn2 = nn.BatchNorm2d(inputs)
        self.dropout = nn.Dropout()
        self.fc = nn.Linear(inputs * 49, dimension)
        self.features = nn.BatchNorm1d(dimension)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.bn2(self.layer4(self.layer3(self.layer2(self.layer1(x)))))
        return self.features(self.fc(torch.flatten(self.dropout(x), 1)))


def randomised(network, seed):
    """Random statistics, as those of a training: those of a new network are 0 and 1."""
    torch.manual_seed(seed)
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            if module.affine:
                module.weight.data.uniform_(0.8, 1.2)
                module.bias.data.normal_(0, 0.1)
        if isinstance(module, nn.PReLU):
            module.weight.data.uniform_(0, 0.5)
    return network.eval()


def answer(network, image):
    with torch.no_grad():
        result = network(image)
    outputs = result if isinstance(result, tuple) else (result,)
    return [[round(float(value), 6) for value in output.flatten()] for output in outputs]


def facenet_pytorch():
    """The modules of facenet-pytorch, without its functions that download."""
    folder = Path(importlib.util.find_spec("facenet_pytorch").submodule_search_locations[0])
    modules = []
    for name in ("inception_resnet_v1", "mtcnn"):
        lines = (folder / f"models/{name}.py").read_text().splitlines()
        code = "\n".join(line for line in lines if not line.startswith(("import requests", "from requests", "from .utils")))
        module = types.ModuleType(name)
        module.__file__ = str(folder / f"models/{name}.py")
        exec(compile(code, name, "exec"), module.__dict__)
        modules.append(module)
    return folder, *modules


def write_large(folder, package, inception):
    """Networks of full size with random weights, as state dicts, as .onnx, and their answers to the crop; the files of MTCNN."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("pnet", "rnet", "onet"):
        shutil.copy(package / f"data/{name}.pt", folder)
    facenet = randomised(inception.InceptionResnetV1(classify=False, num_classes=10), 9)
    ir50 = randomised(Backbone("ir", (64, 64, 128, 256, 512), 512, (3, 4, 14, 3)), 10)
    enlarged = torch.nn.functional.interpolate(crop(112, 128), (160, 160), mode="nearest")
    for name, network, image in (("inception", facenet, enlarged), ("ir-50", ir50, crop())):
        torch.save(network.state_dict(), folder / f"{name}.pt")
        (folder / f"{name}.json").write_text(json.dumps(answer(network, image)))
        names = {"input_names": ["image"], "output_names": ["embedding"]}
        torch.onnx.export(network, image, str(folder / f"{name}.onnx"), opset_version=13, **names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", type=Path)
    parser.add_argument("--only-large", action="store_true")
    options = parser.parse_args()
    large = options.large
    if options.only_large:
        return write_large(large, *facenet_pytorch()[:2])
    answers = {}
    networks = {
        "mobilefacenet.pt": MobileFaceNet(),
        "ir.pth": Backbone("ir"),
        "ir-se.safetensors": Backbone("ir-se"),
        "adaface.pt": Backbone("adaface"),
        "iresnet.pt": IResNet(),
    }
    for seed, (name, network) in enumerate(networks.items()):
        randomised(network, seed)
        answers[name] = answer(network, crop())
        state = network.state_dict()
        if name.endswith(".safetensors"):
            from safetensors.torch import save_file

            save_file(state, str(here / name))
        elif name == "adaface.pt":
            # As pytorch-lightning writes its checkpoints.
            torch.save({"epoch": 1, "state_dict": {f"model.{key}": value for key, value in state.items()}}, here / name)
        else:
            torch.save(state, here / name, _use_new_zipfile_serialization=name.endswith(".pt"))
    traced = torch.jit.trace(networks["mobilefacenet.pt"], crop())
    traced.save(str(here / "mobilefacenet-torchscript.pt"))
    folder, inception, mtcnn = facenet_pytorch()
    for name, size, module in (("pnet", 12, mtcnn.PNet), ("rnet", 24, mtcnn.RNet), ("onet", 48, mtcnn.ONet)):
        network = module(pretrained=False)
        network.load_state_dict(torch.load(folder / f"data/{name}.pt"))
        answers[f"{name}.pt"] = answer(network.eval(), crop(size, 128))
    shutil.copy(folder / "data/pnet.pt", here)
    if large:
        write_large(large, folder, inception)
    (here / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


sys.exit(main())
