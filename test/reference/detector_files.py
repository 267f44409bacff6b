"""Writes small .onnx files with random weights in the layouts of YuNet and SCRFD, and what their publishers' code finds with them.

Needs the packages of decoders.py, and onnxruntime:

    .venv/bin/python test/reference/detector_files.py test/reference

The image is the pattern of the self-check (lib/runtime/preprocess.ts) in the size of the network's input. YuNet's faces are those
of OpenCV's FaceDetectorYN. SCRFD's outputs are those of ONNX Runtime, as decoders.py covers its decoder.
"""

import json
import sys

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)
WIDTH, HEIGHT = 160, 128


def pattern(width, height):
    """The pattern of the self-check, RGB."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    checks = np.where(((x >> 3) ^ (y >> 3)) & 1, 200, 40)
    return np.stack([np.rint(x * 255 / width), np.rint(y * 255 / height), checks], axis=-1).astype(np.uint8)


class Network:
    """Convolutions that halve the image, with heads of 1×1 convolutions after strides of 8, 16 and 32 pixels."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants = [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def convolution(self, x, name, inputs, outputs, kernel=1, stride=1, gain=1.0, bias=None):
        scale = gain / np.sqrt(inputs * kernel * kernel)
        weights = self.random.normal(0, scale, (outputs, inputs, kernel, kernel)).astype(np.float32)
        bias = np.zeros(outputs, np.float32) if bias is None else np.asarray(bias, np.float32)
        names = [self.constant(f"{name}.weight", weights), self.constant(f"{name}.bias", bias)]
        pads = [kernel // 2] * 4
        return self.node("Conv", [x, *names], name, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads)

    def features(self, largest, channels=8):
        """The feature maps of the three strides. `largest`: the largest magnitude of the input."""
        x, maps = "input", []
        for i in range(5):
            gain = 1.5 / largest if i == 0 else 1.5
            x = self.convolution(x, f"conv{i}", 3 if i == 0 else channels, channels, kernel=3, stride=2, gain=gain)
            x = self.node("Relu", [x], f"relu{i}")
            if i >= 2:
                maps.append(x)
        return maps

    def model(self, name, input_shape, outputs):
        infos = [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape) for output, shape in outputs]
        image = helper.make_tensor_value_info("input", TensorProto.FLOAT, input_shape)
        graph = helper.make_graph(self.nodes, name, [image], infos, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
        model.ir_version = 7
        onnx.checker.check_model(model)
        return model


def yunet():
    """libfacedetection.train exports each head as a convolution, a transposition and a reshape, with the scores as probabilities."""
    network, outputs = Network(1), []
    maps = network.features(128)
    for role, values, bias in (("cls", 1, [-1.0]), ("obj", 1, [1.0]), ("bbox", 4, [0, 0, 1, 1]), ("kps", 10, None)):
        for stride, features in zip(STRIDES, maps):
            name = f"{role}_{stride}"
            x = network.convolution(features, f"{name}.conv", 8, values, gain=1.5, bias=bias)
            x = network.node("Transpose", [x], f"{name}.transpose", perm=[0, 2, 3, 1])
            shape = network.constant(f"{name}.shape", np.array([1, -1, values], np.int64))
            is_score = values == 1
            x = network.node("Reshape", [x, shape], f"{name}.reshape" if is_score else name)
            if is_score:
                network.node("Sigmoid", [x], name)
            outputs.append((name, [1, (WIDTH // stride) * (HEIGHT // stride), values]))
    return network.model("yunet", [1, 3, HEIGHT, WIDTH], outputs)


def scrfd():
    """mmdetection exports each head without the batch, for images of any size, in the order scores, boxes, keypoints."""
    network, outputs = Network(2), []
    maps = network.features(1)
    for role, values in (("score", 1), ("bbox", 4), ("kps", 10)):
        for stride, features in zip(STRIDES, maps):
            name = f"{role}{stride}"
            x = network.convolution(features, f"{name}.conv", 8, 2 * values, gain=1.5)
            x = network.node("Transpose", [x], f"{name}.transpose", perm=[2, 3, 0, 1])
            shape = network.constant(f"{name}.shape", np.array([-1, values], np.int64))
            is_score = values == 1
            x = network.node("Reshape", [x, shape], f"{name}.reshape" if is_score else name)
            if is_score:
                network.node("Sigmoid", [x], name)
            outputs.append((name, [None, values]))
    return network.model("scrfd", [1, 3, "height", "width"], outputs)


def rounded(values):
    return [float(f"{value:.6g}") for value in np.ravel(values)]


def main(folder):
    onnx.save(yunet(), f"{folder}/yunet-random.onnx")
    onnx.save(scrfd(), f"{folder}/scrfd-random.onnx")
    image = pattern(WIDTH, HEIGHT)
    detector = cv2.FaceDetectorYN.create(f"{folder}/yunet-random.onnx", "", (WIDTH, HEIGHT), 0.6, 1.0, 5000)
    _, faces = detector.detect(image[:, :, ::-1].copy())
    session = onnxruntime.InferenceSession(f"{folder}/scrfd-random.onnx")
    # cv2.dnn.blobFromImage(image, 1 / 128, size, (127.5, 127.5, 127.5))
    blob = ((image.astype(np.float32) - 127.5) / 128).transpose(2, 0, 1)[None]
    outputs = session.run(None, {"input": blob})
    report = {
        "width": WIDTH,
        "height": HEIGHT,
        "yunet": [rounded(face) for face in faces],
        "scrfd": [
            {"name": output.name, "length": values.size, "every17th": rounded(np.ravel(values)[::17])}
            for output, values in zip(session.get_outputs(), outputs)
        ],
    }
    with open(f"{folder}/detector-files.json", "w", encoding="utf-8") as file:
        json.dump(report, file, separators=(",", ":"))
        file.write("\n")


main(sys.argv[1])
