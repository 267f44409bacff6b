"""Writes external.onnx and external.bin, a small network whose weights the onnx package stores outside the model.

Needs onnx and numpy:

    python test/reference/conversion/external_data.py
"""

from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent

random = numpy.random.default_rng(5)


def weights(name, *shape):
    return numpy_helper.from_array(random.standard_normal(shape).astype(numpy.float32), name)


graph = helper.make_graph(
    [
        helper.make_node("Conv", ["x", "filter", "bias"], ["c"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Constant", [], ["slopes"], value=weights("slopes", 6, 1, 1)),
        helper.make_node("PRelu", ["c", "slopes"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        helper.make_node("Gemm", ["f", "matrix"], ["y"], transB=1),
    ],
    "external",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 5])],
    [weights("filter", 6, 3, 3, 3), weights("bias", 6), weights("matrix", 5, 96)],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.save_model(
    model,
    FOLDER / "external.onnx",
    save_as_external_data=True,
    location="external.bin",
    size_threshold=0,
    convert_attribute=True,
)
