"""The answers of dlib and face_recognition for a photo, as JSON on standard output.

    python3 -m venv ENV
    ENV/bin/pip install dlib-bin face_recognition face_recognition_models==0.3.0 setuptools imutils numpy pillow
    ENV/bin/pip install 'opencv-python-headless<5' protobuf
    ENV/bin/python test/reference/classical/dlib_numbers.py PHOTO > test/reference/classical/dlib.json

--models DIR also writes dlib's detector of frontal faces there. The tiny models in this folder were trained by train_tiny_models.py.
"""

import json
import os
import sys

import cv2
import dlib
import face_recognition
import face_recognition_models
import imutils.face_utils
import numpy
from PIL import Image

# imutils passes numbers of NumPy, which newer releases of OpenCV refuse as a position.
rotation = cv2.getRotationMatrix2D
cv2.getRotationMatrix2D = lambda centre, angle, scale: rotation(tuple(float(value) for value in centre), angle, scale)

folder = os.path.dirname(os.path.abspath(__file__))
photo = numpy.array(Image.open(sys.argv[1]).convert("RGB"))
grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)


def rectangle(box):
    return [box.left(), box.top(), box.right(), box.bottom()]


def points(shape):
    return [[part.x, part.y] for part in shape.parts()]


def samples(chip):
    """Every tenth pixel of every tenth row."""
    return numpy.asarray(chip)[::10, ::10].reshape(-1).tolist()


def numbers(values):
    return [round(float(value), 6) for value in values]


def hog(detector, image, doublings, threshold):
    boxes, scores, classifiers = detector.run(image, doublings, threshold)
    return [
        {"box": rectangle(box), "score": round(score, 6), "classifier": classifier}
        for box, score, classifier in zip(boxes, scores, classifiers)
    ]


def mmod(detector, image, doublings):
    return [{"box": rectangle(found.rect), "score": round(found.confidence, 6)} for found in detector(image, doublings)]


def face(box, predictors):
    five = predictors["5"](photo, box)
    sixty_eight = predictors["68"](photo, box)
    aligner = imutils.face_utils.FaceAligner(predictors["68"], desiredLeftEye=(0.35, 0.35), desiredFaceWidth=256)
    network = dlib.face_recognition_model_v1(face_recognition_models.face_recognition_model_location())
    return {
        "box": rectangle(box),
        "points5": points(five),
        "points68": points(sixty_eight),
        "tiny": points(predictors["tiny"](photo, box)),
        "chip5": samples(dlib.get_face_chip(photo, five, size=150, padding=0.25)),
        "chip68": samples(dlib.get_face_chip(photo, sixty_eight, size=200, padding=0.4)),
        "smallChip": samples(dlib.get_face_chip(photo, sixty_eight, size=30, padding=0.1)),
        "aligned": samples(aligner.align(photo, grey, box)),
        "descriptor": numbers(network.compute_face_descriptor(photo, five)),
        "descriptorOfChip": numbers(network.compute_face_descriptor(dlib.get_face_chip(photo, sixty_eight, 150, 0.25))),
    }


def jittered(predictor, boxes):
    """Random copies of a chip, and descriptors of means of copies. dlib's random numbers start with the process."""
    chip = dlib.get_face_chip(photo, predictor(photo, boxes[0]), 150, 0.25)
    network = dlib.face_recognition_model_v1(face_recognition_models.face_recognition_model_location())
    return {
        "jitteredChips": [samples(copy) for copy in dlib.jitter_image(chip, num_jitters=4)],
        "jitteredEncodings": [numbers(each) for each in face_recognition.face_encodings(photo, num_jitters=4)],
        "jitteredDescriptors": [
            numbers(network.compute_face_descriptor(photo, predictor(photo, box), 100)) for box in boxes
        ],
    }


def main():
    detector = dlib.get_frontal_face_detector()
    tiny = dlib.fhog_object_detector(os.path.join(folder, "tiny.svm"))
    predictors = {
        "5": dlib.shape_predictor(face_recognition_models.pose_predictor_five_point_model_location()),
        "68": dlib.shape_predictor(face_recognition_models.pose_predictor_model_location()),
        "tiny": dlib.shape_predictor(os.path.join(folder, "tiny.dat")),
    }
    network = dlib.cnn_face_detection_model_v1(face_recognition_models.cnn_face_detector_model_location())
    if "--models" in sys.argv:
        detector.save(os.path.join(sys.argv[sys.argv.index("--models") + 1], "frontal_face_detector.svm"))
    answer = {
        "versions": {"dlib": dlib.__version__, "opencv": cv2.__version__},
        "hog": hog(detector, photo, 0, -0.5),
        "hogDoubled": hog(detector, photo, 1, -0.5),
        "hogGrey": hog(detector, grey, 1, -0.5),
        "tiny": hog(tiny, photo, 0, -0.5),
        "mmod": mmod(network, photo, 0),
        "mmodDoubled": mmod(network, photo, 1),
        "faces": [face(box, predictors) for box in detector(photo, 1)],
        "encodings": [numbers(encoding) for encoding in face_recognition.face_encodings(photo)],
        **jittered(predictors["5"], detector(photo, 1)),
    }
    print(json.dumps(answer, separators=(",", ":")))


main()
