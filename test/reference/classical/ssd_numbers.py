"""A network of the layout of OpenCV's res10 SSD with random weights, and what OpenCV finds with it in a photo.

    python3 -m venv ENV && ENV/bin/pip install numpy protobuf 'opencv-python-headless<5'
    ENV/bin/python test/reference/classical/ssd_numbers.py PHOTO test/reference/classical 16

Writes ssd.prototxt, ssd.caffemodel with 32-bit and ssd-fp16.caffemodel with 16-bit floats, and ssd.json. The layers, their names and
their parameters are those of deploy.prototxt of opencv/samples/dnn/face_detector. The last argument divides the numbers of channels, of which
at least 4 are left: 1 gives those of res10.
"""

import json
import sys

import cv2
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MEAN = (104.0, 177.0, 123.0)


def caffe_messages():
    """The messages of caffe.proto that hold weights, with the fields for 16-bit floats of opencv/modules/dnn/misc/caffe."""
    field = descriptor_pb2.FieldDescriptorProto
    optional, repeated = field.LABEL_OPTIONAL, field.LABEL_REPEATED
    messages = {
        "BlobShape": [("dim", 1, repeated, field.TYPE_INT64, None)],
        "BlobProto": [
            ("shape", 7, optional, field.TYPE_MESSAGE, "BlobShape"),
            ("data", 5, repeated, field.TYPE_FLOAT, None),
            ("raw_data_type", 10, optional, field.TYPE_INT32, None),
            ("raw_data", 12, optional, field.TYPE_BYTES, None),
        ],
        "LayerParameter": [
            ("name", 1, optional, field.TYPE_STRING, None),
            ("type", 2, optional, field.TYPE_STRING, None),
            ("bottom", 3, repeated, field.TYPE_STRING, None),
            ("top", 4, repeated, field.TYPE_STRING, None),
            ("blobs", 7, repeated, field.TYPE_MESSAGE, "BlobProto"),
        ],
        "NetParameter": [
            ("name", 1, optional, field.TYPE_STRING, None),
            ("layer", 100, repeated, field.TYPE_MESSAGE, "LayerParameter"),
        ],
    }
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for key, number, label, kind, type_name in fields:
            added = message.field.add(name=key, number=number, label=label, type=kind)
            if type_name:
                added.type_name = f".caffe.{type_name}"
            if label == repeated and kind in (field.TYPE_FLOAT, field.TYPE_INT64):
                added.options.packed = True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"caffe.{name}")) for name in messages}


class Network:
    """Writes layers as text and their weights as blobs."""

    def __init__(self):
        self.random = np.random.default_rng(23)
        self.text = ['input: "data"\ninput_shape {\n  dim: 1\n  dim: 3\n  dim: 300\n  dim: 300\n}\n']
        self.layers, self.channels = [], {"data": 3}

    def layer(self, kind, name, bottoms, top=None, parameters="", blobs=(), channels=None):
        top = top or name
        links = "".join(f'  bottom: "{bottom}"\n' for bottom in bottoms) + f'  top: "{top}"\n'
        self.text.append(f'layer {{\n  name: "{name}"\n  type: "{kind}"\n{links}{parameters}}}\n')
        self.channels[top] = channels or self.channels[bottoms[0]]
        self.layers.append((name, kind, bottoms, top, [np.asarray(blob, np.float32) for blob in blobs]))
        return top

    def convolution(self, name, x, outputs, kernel=3, stride=1, pad=0, dilation=1, bias=True, gain=1.4, biases=None):
        inputs = self.channels[x]
        weights = self.random.normal(0, gain / np.sqrt(inputs * kernel * kernel), (outputs, inputs, kernel, kernel))
        blobs = [weights] + ([self.random.normal(0, 0.1, outputs) if biases is None else biases] if bias else [])
        lines = [f"num_output: {outputs}"] + ([] if bias else ["bias_term: false"])
        lines += [f"pad: {pad}"] if pad else []
        lines += [f"kernel_size: {kernel}", f"stride: {stride}"] + ([f"dilation: {dilation}"] if dilation > 1 else [])
        lines += ['weight_filler {\n      type: "msra"\n    }']
        parameters = "  param {\n    lr_mult: 1.0\n    decay_mult: 1.0\n  }\n  convolution_param {\n"
        parameters += "".join(f"    {line}\n" for line in lines) + "  }\n"
        return self.layer("Convolution", name, [x], parameters=parameters, blobs=blobs, channels=outputs)

    def normalised(self, name, x, scale_name, relu=None, top=None):
        """Batch normalisation with a scale, and a rectifier, all in one blob."""
        channels = self.channels[x]
        factor = 4.0 if x != "data" else 1.0
        variance = 60.0**2 if x == "data" else 1.0
        mean = self.random.normal(0, 0.2, channels) * factor
        variances = variance * self.random.uniform(0.5, 1.5, channels) * factor
        frozen = "  param {\n    lr_mult: 0.0\n  }\n" * 3
        top = self.layer("BatchNorm", name, [x], top, frozen, [mean, variances, [factor]])
        parameters = "  scale_param {\n    bias_term: true\n  }\n"
        blobs = [self.random.uniform(0.6, 1.4, channels), self.random.normal(0, 0.2, channels)]
        self.layer("Scale", scale_name, [top], top, parameters, blobs)
        return self.relu(relu, top) if relu else top

    def relu(self, name, x):
        return self.layer("ReLU", name, [x], x)

    def block(self, size, x, outputs, middle, stride, dilation=1):
        """A residual block whose first normalisation is before the branch."""
        name = f"layer_{size}_1"
        branch = self.normalised(f"{name}_bn1_h", x, f"{name}_scale1_h", f"{name}_relu1", f"{name}_bn1_h")
        y = self.convolution(f"{name}_conv1_h", branch, middle, 3, stride, 1, bias=False)
        y = self.normalised(f"{name}_bn2_h", y, f"{name}_scale2_h", f"{name}_relu2", y)
        y = self.convolution(f"{name}_conv2_h", y, outputs, 3, 1, dilation, dilation, bias=False)
        expanded = self.convolution(f"{name}_conv_expand_h", branch, outputs, 1, stride, bias=False)
        return branch, self.layer("Eltwise", f"{name}_sum", [y, expanded])

    def head(self, name, x, priors, sizes, ratios, step):
        flat = {}
        for role, values in (("loc", 4), ("conf", 2)):
            mbox = f"{name}_mbox_{role}"
            biases = np.tile([1.5, -1.5], priors) if role == "conf" else None
            y = self.convolution(mbox, x, values * priors, 3, 1, 1, gain=0.3, biases=biases)
            order = "  permute_param {\n    order: 0\n    order: 2\n    order: 3\n    order: 1\n  }\n"
            y = self.layer("Permute", f"{mbox}_perm", [y], parameters=order)
            flat[role] = self.layer("Flatten", f"{mbox}_flat", [y], parameters="  flatten_param {\n    axis: 1\n  }\n")
        lines = [f"min_size: {sizes[0]:.1f}", f"max_size: {sizes[1]:.1f}"]
        lines += [f"aspect_ratio: {ratio:.1f}" for ratio in ratios] + ["flip: true", "clip: false"]
        lines += [f"variance: {value}" for value in (0.1, 0.1, 0.2, 0.2)] + [f"step: {step}", "offset: 0.5"]
        parameters = "  prior_box_param {\n" + "".join(f"    {line}\n" for line in lines) + "  }\n"
        return flat["loc"], flat["conf"], self.layer("PriorBox", f"{name}_mbox_priorbox", [x, "data"], parameters=parameters)

    def messages(self, half):
        types = caffe_messages()
        net = types["NetParameter"](name="ssd")
        for name, kind, bottoms, top, blobs in self.layers:
            layer = net.layer.add(name=name, type=kind, bottom=bottoms, top=[top])
            for values in blobs:
                blob = layer.blobs.add()
                blob.shape.dim.extend(values.shape)
                if half:
                    # BlobProto.Type.FLOAT16
                    blob.raw_data_type = 2
                    blob.raw_data = values.astype(np.float16).tobytes()
                else:
                    blob.data.extend(values.ravel())
        return net.SerializeToString()


def res10(divisor):
    net = Network()

    def wide(channels):
        return max(channels // divisor, 4)

    x = net.normalised("data_bn", "data", "data_scale", top="data_bn")
    x = net.convolution("conv1_h", x, wide(32), 7, 2, 3)
    x = net.normalised("conv1_bn_h", x, "conv1_scale_h", "conv1_relu", x)
    pool = "  pooling_param {\n    kernel_size: 3\n    stride: 2\n  }\n"
    x = net.layer("Pooling", "conv1_pool", [x], parameters=pool)
    y = net.convolution("layer_64_1_conv1_h", x, wide(32), 3, 1, 1, bias=False)
    y = net.normalised("layer_64_1_bn2_h", y, "layer_64_1_scale2_h", "layer_64_1_relu2", y)
    y = net.convolution("layer_64_1_conv2_h", y, wide(32), 3, 1, 1, bias=False)
    x = net.layer("Eltwise", "layer_64_1_sum", [y, x])
    _, x = net.block(128, x, wide(128), wide(128), 2)
    conv4_3, x = net.block(256, x, wide(256), wide(256), 2)
    _, x = net.block(512, x, wide(256), wide(128), 1, dilation=2)
    fc7 = net.normalised("last_bn_h", x, "last_scale_h", "last_relu", "last_bn_h")
    maps = []
    x = fc7
    for i, (middle, outputs, stride, pad) in enumerate([(128, 256, 2, 1), (64, 128, 2, 1), (64, 128, 1, 0), (64, 128, 1, 0)], 6):
        x = net.relu(f"conv{i}_1_relu", net.convolution(f"conv{i}_1_h", x, wide(middle), 1))
        x = net.relu(f"conv{i}_2_relu", net.convolution(f"conv{i}_2_h", x, wide(outputs), 3, stride, pad))
        maps.append(x)
    normal = '  norm_param {\n    across_spatial: false\n    scale_filler {\n      type: "constant"\n      value: 20\n    }\n'
    normal += "    channel_shared: false\n  }\n"
    scales = [net.random.uniform(1, 3, net.channels[conv4_3])]
    conv4_3 = net.layer("Normalize", "conv4_3_norm", [conv4_3], parameters=normal, blobs=scales)
    heads = [
        net.head("conv4_3_norm", conv4_3, 4, (30, 60), (2,), 8),
        net.head("fc7", fc7, 6, (60, 111), (2, 3), 16),
        net.head("conv6_2", maps[0], 6, (111, 162), (2, 3), 32),
        net.head("conv7_2", maps[1], 6, (162, 213), (2, 3), 64),
        net.head("conv8_2", maps[2], 4, (213, 264), (2,), 100),
        net.head("conv9_2", maps[3], 4, (264, 315), (2,), 300),
    ]
    for i, (role, axis) in enumerate((("mbox_loc", 1), ("mbox_conf", 1), ("mbox_priorbox", 2))):
        parameters = f"  concat_param {{\n    axis: {axis}\n  }}\n"
        net.layer("Concat", role, [head[i] for head in heads], parameters=parameters)
    shape = "  reshape_param {\n    shape {\n      dim: 0\n      dim: -1\n      dim: 2\n    }\n  }\n"
    net.layer("Reshape", "mbox_conf_reshape", ["mbox_conf"], parameters=shape)
    net.layer("Softmax", "mbox_conf_softmax", ["mbox_conf_reshape"], parameters="  softmax_param {\n    axis: 2\n  }\n")
    net.layer("Flatten", "mbox_conf_flatten", ["mbox_conf_softmax"], parameters="  flatten_param {\n    axis: 1\n  }\n")
    output = "num_classes: 2\nshare_location: true\nbackground_label_id: 0\nnms_param {\n  nms_threshold: 0.45\n  top_k: 400\n}\n"
    output += "code_type: CENTER_SIZE\nkeep_top_k: 200\nconfidence_threshold: 0.01\n"
    parameters = "  detection_output_param {\n" + "".join(f"    {line}\n" for line in output.splitlines()) + "  }\n"
    net.layer("DetectionOutput", "detection_out", ["mbox_loc", "mbox_conf_flatten", "mbox_priorbox"], parameters=parameters)
    return net


def rounded(values):
    return [float(f"{value:.6g}") for value in np.ravel(values)]


def numbers(prototxt, model, photo):
    net = cv2.dnn.readNetFromCaffe(prototxt, model)
    net.setInput(cv2.dnn.blobFromImage(cv2.resize(photo, (300, 300)), 1.0, (300, 300), MEAN))
    outputs = ["mbox_loc", "mbox_conf_flatten", "detection_out"]
    loc, conf, found = net.forward(outputs)
    height, width = photo.shape[:2]
    size = np.array([width, height, width, height])
    return {
        # Values of every grid are among them.
        "loc": {"length": loc.size, "every97th": rounded(np.ravel(loc)[::97])},
        "conf": {"length": conf.size, "every97th": rounded(np.ravel(conf)[::97])},
        "faces": [{"score": rounded([face[2]])[0], "box": rounded(face[3:] * size)} for face in found[0, 0] if face[2] > 0],
    }


def main(path, folder, divisor):
    photo = cv2.imread(path)
    net = res10(int(divisor))
    with open(f"{folder}/ssd.prototxt", "w", encoding="utf-8") as file:
        file.write("".join(net.text))
    report = {"resized": cv2.resize(photo, (300, 300)).reshape(-1, 3)[::997].tolist()}
    for name, half in (("ssd", False), ("ssd-fp16", True)):
        with open(f"{folder}/{name}.caffemodel", "wb") as file:
            file.write(net.messages(half))
        report[name] = numbers(f"{folder}/ssd.prototxt", f"{folder}/{name}.caffemodel", photo)
    with open(f"{folder}/ssd.json", "w", encoding="utf-8") as file:
        json.dump(report, file, separators=(",", ":"))
        file.write("\n")


main(*sys.argv[1:])
