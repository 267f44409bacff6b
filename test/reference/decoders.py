"""Decodes random outputs of detectors and landmarkers as their publishers' code does, as reference for the decoders in lib/.

Needs numpy, onnx and opencv-python-headless:

    python3 -m venv .venv && .venv/bin/pip install numpy onnx opencv-python-headless
    .venv/bin/python test/reference/decoders.py test/reference/decoders.json

YuNet's outputs are decoded by OpenCV itself: a network of YuNet's layout returns them as constants. The others are decoded
after InsightFace's scrfd.py and landmark.py, biubug6's Pytorch_Retinaface (prior_box.py, box_utils.py, py_cpu_nms.py), and
Linzaer's Ultra-Light-Fast-Generic-Face-Detector-1MB (box_utils_numpy.py, box_utils.py, detect_imgs_onnx.py).
"""

import json
import os
import sys
import tempfile
from itertools import product

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def seeded(seed):
    """Mulberry32, as in lib/core/random.ts."""
    state = seed

    def imul(a, b):
        return (a * b) & 0xFFFFFFFF

    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = imul(state ^ (state >> 15), 1 | state)
        t = ((t + imul(t ^ (t >> 7), 61 | t)) & 0xFFFFFFFF) ^ t
        yield (t ^ (t >> 14)) / 2**32


# The distributions of values. The test has the same, and draws in the same order.
def scores(random, count):
    """Probabilities, one in fifty of them from 0.5 to 1."""
    drawn = (next(random) for _ in range(count))
    return [0.5 + (u - 0.98) * 25 if u >= 0.98 else 0.3 * u for u in drawn]


def uniform(random, count, low, high):
    return [low + next(random) * (high - low) for _ in range(count)]


def array(values, *shape):
    return np.array(values, np.float32).reshape(shape)


def pairs(values):
    """The probabilities of no face and of a face."""
    return [value for score in values for value in (1 - score, score)]


def corners(values):
    """Left, top, right and bottom from a position and a size."""
    quadruples = zip(*[iter(values)] * 4)
    return [v for x, y, w, h in quadruples for v in (x * 0.7, y * 0.7, x * 0.7 + 0.05 + 0.25 * w, y * 0.7 + 0.05 + 0.25 * h)]


def yunet(width, height, seed):
    random = seeded(seed)
    strides = (8, 16, 32)
    counts = [(width // s) * (height // s) for s in strides]
    outputs = {}
    for role, values, draw in (
        ("cls", 1, lambda n: scores(random, n)),
        ("obj", 1, lambda n: uniform(random, n, 0.8, 1.1)),
        ("bbox", 4, lambda n: uniform(random, n, 0, 1.5)),
        ("kps", 10, lambda n: uniform(random, n, -1, 2)),
    ):
        for stride, count in zip(strides, counts):
            outputs[f"{role}_{stride}"] = array(draw(count * values), 1, count, values)
    # OpenCV suppresses boxes that it rounds to whole pixels. Without suppression its results are the decoder's alone.
    faces = opencv_faces(outputs, width, height, score_threshold=0.6, nms_threshold=1.0)
    return [(face[:4], face[14], face[4:14]) for face in faces]


def opencv_faces(outputs, width, height, score_threshold, nms_threshold):
    """Runs OpenCV's FaceDetectorYN on a network that returns constants: each is added to a zero made of the image."""
    constants = [
        numpy_helper.from_array(np.zeros((1, 3, 1, 1), np.float32), "zeros"),
        numpy_helper.from_array(np.ones((1, 3, 1, 1), np.float32), "ones"),
        numpy_helper.from_array(np.array([1, 1, 1], np.int64), "shape"),
    ]
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["mean"]),
        helper.make_node("Mul", ["mean", "zeros"], ["product"]),
        helper.make_node("Conv", ["product", "ones"], ["sum"], kernel_shape=[1, 1]),
        helper.make_node("Reshape", ["sum", "shape"], ["zero"]),
    ]
    infos = []
    for name, values in outputs.items():
        constants.append(numpy_helper.from_array(values, f"{name}_values"))
        nodes.append(helper.make_node("Add", [f"{name}_values", "zero"], [name]))
        infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, values.shape))
    image = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, height, width])
    graph = helper.make_graph(nodes, "yunet", [image], infos, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "yunet.onnx")
        onnx.save(model, path)
        detector = cv2.FaceDetectorYN.create(path, "", (width, height), score_threshold, nms_threshold, 5000)
        _, faces = detector.detect(np.zeros((height, width, 3), np.uint8))
    return faces


def scrfd(width, height, seed, with_keypoints):
    random = seeded(seed)
    strides, anchors = (8, 16, 32), 2
    counts = [(width // s) * (height // s) * anchors for s in strides]
    score_outputs = [array(scores(random, n), n, 1) for n in counts]
    box_outputs = [array(uniform(random, n * 4, 0.5, 4), n, 4) for n in counts]
    point_outputs = [array(uniform(random, n * 10, -2, 2), n, 10) for n in counts] if with_keypoints else None
    found = []
    for i, stride in enumerate(strides):
        grid = np.stack(np.mgrid[: height // stride, : width // stride][::-1], axis=-1).astype(np.float32)
        centres = (grid * stride).reshape(-1, 2)
        centres = np.stack([centres] * anchors, axis=1).reshape(-1, 2)
        distances = box_outputs[i] * stride
        boxes = np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1)
        points = None
        if with_keypoints:
            points = (centres[:, None, :] + point_outputs[i].reshape(-1, 5, 2) * stride).reshape(-1, 10)
        for index in np.where(score_outputs[i].ravel() >= 0.5)[0]:
            found.append((boxes[index], score_outputs[i][index, 0], points[index] if with_keypoints else None))
    return suppressed(found, 0.4, inclusive=True)


def retinaface(width, height, seed):
    random = seeded(seed)
    priors = []
    for step, sizes in zip((8, 16, 32), ((16, 32), (64, 128), (256, 512))):
        for i, j in product(range(-(-height // step)), range(-(-width // step))):
            for size in sizes:
                priors.append([(j + 0.5) * step / width, (i + 0.5) * step / height, size / width, size / height])
    priors = np.array(priors, np.float32)
    n = len(priors)
    loc = array(uniform(random, n * 4, -2, 2), n, 4)
    conf = array(pairs(scores(random, n)), n, 2)
    landms = array(uniform(random, n * 10, -4, 4), n, 10)
    centres = priors[:, :2] + loc[:, :2] * 0.1 * priors[:, 2:]
    sizes = priors[:, 2:] * np.exp(loc[:, 2:] * 0.2)
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    boxes = boxes * np.array([width, height, width, height])
    points = (priors[:, None, :2] + landms.reshape(-1, 5, 2) * 0.1 * priors[:, None, 2:]) * np.array([width, height])
    found = [(boxes[i], conf[i, 1], points[i].ravel()) for i in np.where(conf[:, 1] > 0.6)[0]]
    return suppressed(found, 0.4, inclusive=True)


def ultra_light(width, height, seed, decoded):
    random = seeded(seed)
    priors = []
    for stride, sizes in zip((8, 16, 32, 64), ((10, 16, 24), (32, 48), (64, 96), (128, 192, 256))):
        for j, i in product(range(-(-height // stride)), range(-(-width // stride))):
            for size in sizes:
                priors.append([(i + 0.5) / (width / stride), (j + 0.5) / (height / stride), size / width, size / height])
    priors = np.clip(np.array(priors, np.float32), 0, 1)
    n = len(priors)
    if decoded:
        confidences = array(pairs(scores(random, n)), n, 2)
        boxes = array(corners(uniform(random, n * 4, 0, 1)), n, 4)
    else:
        logits = array(uniform(random, n * 2, -0.5, 0.5), n, 2)
        exponentials = np.exp(logits)
        confidences = exponentials / exponentials.sum(axis=1, keepdims=True)
        locations = array(uniform(random, n * 4, -2, 2), n, 4)
        centres = locations[:, :2] * 0.1 * priors[:, 2:] + priors[:, :2]
        sizes = np.exp(locations[:, 2:] * 0.2) * priors[:, 2:]
        boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    boxes = boxes * np.array([width, height, width, height])
    found = [(boxes[i], confidences[i, 1], None) for i in np.where(confidences[:, 1] > 0.7)[0]]
    return suppressed(found, 0.3, inclusive=False)


# The originals that count pixels inclusively compare boxes in the photo, which is larger than the network's input.
photo_scale = 8


def suppressed(found, threshold, inclusive):
    """Greedy non-maximum suppression. `inclusive`: a box of the pixels a to b is b - a + 1 wide."""
    extra = 1 / photo_scale if inclusive else 0
    found = sorted(found, key=lambda face: -face[1])
    kept = []

    def area(x1, y1, x2, y2):
        return max(0, x2 - x1 + extra) * max(0, y2 - y1 + extra)

    for box, score, points in found:
        overlaps = []
        for other, _, _ in kept:
            first, second = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
            shared = area(*first, *second)
            overlaps.append(shared / (area(*box) + area(*other) - shared))
        if all(overlap <= threshold for overlap in overlaps):
            kept.append((box, score, points))
    return [((*box[:2], *(box[2:] - box[:2])), score, points) for box, score, points in kept]


def landmarks_106(seed):
    """InsightFace's landmark.py for a crop of 192 pixels, without the transform back to the photo."""
    prediction = array(uniform(seeded(seed), 212, -1, 1), 106, 2).copy()
    prediction += 1
    prediction *= 192 // 2
    return prediction


def landmarks_68(seed):
    """cunjian's pytorch_face_landmark, BBox.reprojectLandmark, for a crop of 112 pixels."""
    return array(uniform(seeded(seed), 136, 0, 1), 68, 2) * 112


def rounded(values):
    return None if values is None else [round(float(value), 4) for value in np.ravel(values)]


def main(path):
    detectors = [
        ("yunet", "yunet", (320, 256), 1, yunet(320, 256, 1)),
        ("scrfd with keypoints", "scrfd", (320, 256), 2, scrfd(320, 256, 2, True)),
        ("scrfd without keypoints", "scrfd", (320, 256), 3, scrfd(320, 256, 3, False)),
        ("retinaface-mobilenet", "retinaface-mobilenet", (320, 256), 4, retinaface(320, 256, 4)),
        ("ultra-light-320, decoded", "ultra-light-320", (320, 240), 5, ultra_light(320, 240, 5, True)),
        ("ultra-light-320, raw", "ultra-light-320", (320, 240), 6, ultra_light(320, 240, 6, False)),
        ("ultra-light-640, decoded", "ultra-light-640", (640, 480), 7, ultra_light(640, 480, 7, True)),
    ]
    report = {
        "detectors": [
            {
                "name": name,
                "preset": preset,
                "width": width,
                "height": height,
                "seed": seed,
                "faces": [[rounded(box), round(float(score), 5), rounded(points)] for box, score, points in faces],
            }
            for name, preset, (width, height), seed, faces in detectors
        ],
        "landmarkers": [
            {"preset": "insightface-2d106", "seed": 8, "points": rounded(landmarks_106(8))},
            {"preset": "pfld-68", "seed": 9, "points": rounded(landmarks_68(9))},
        ],
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, separators=(",", ":"))
        file.write("\n")


main(sys.argv[1])
