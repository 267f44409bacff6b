"""The answers of dlib, face_recognition and OpenCV for photos of full size, as JSON on standard output.

    ENV/bin/python test/reference/classical/sample_numbers.py FOLDER CASCADES PHOTO…

ENV is the environment of dlib_numbers.py. The pixels of each photo are written into FOLDER as NAME.png, so that both sides read the
same ones. CASCADES has haarcascades: /usr/share/opencv4 of Debian's opencv-data. The CNN detector takes most of the time: it searches
the photos at half the size, which are written as NAME-half.png.
"""

import json
import os
import sys

import cv2
import dlib
import face_recognition
import face_recognition_models
import numpy
from PIL import Image

folder, cascades, *paths = sys.argv[1:]
detector = dlib.get_frontal_face_detector()
network = dlib.cnn_face_detection_model_v1(face_recognition_models.cnn_face_detector_model_location())
predictors = {
    "5": dlib.shape_predictor(face_recognition_models.pose_predictor_five_point_model_location()),
    "68": dlib.shape_predictor(face_recognition_models.pose_predictor_model_location()),
}
cascade = cv2.CascadeClassifier(os.path.join(cascades, "haarcascades/haarcascade_frontalface_default.xml"))


def rectangle(box):
    return [box.left(), box.top(), box.right(), box.bottom()]


def face(photo, box):
    five = predictors["5"](photo, box)
    encoding = face_recognition.face_encodings(photo, [(box.top(), box.right(), box.bottom(), box.left())])[0]
    return {
        "box": rectangle(box),
        "points5": [[part.x, part.y] for part in five.parts()],
        "points68": [[part.x, part.y] for part in predictors["68"](photo, box).parts()],
        "chip": numpy.asarray(dlib.get_face_chip(photo, five, size=150, padding=0.25))[::10, ::10].reshape(-1).tolist(),
        "encoding": [round(float(value), 6) for value in encoding],
    }


def numbers(path):
    photo = numpy.array(Image.open(path).convert("RGB"))
    name = os.path.splitext(os.path.basename(path))[0] + ".png"
    Image.fromarray(photo).save(os.path.join(folder, name), compress_level=1)
    boxes, scores, classifiers = detector.run(photo, 0, -0.5)
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    half = photo[::2, ::2].copy()
    Image.fromarray(half).save(os.path.join(folder, name.replace(".png", "-half.png")), compress_level=1)
    return {
        "photo": name,
        "mmod": [{"box": rectangle(found.rect), "score": found.confidence} for found in network(half, 0)],
        "hog": [
            {"box": rectangle(box), "score": score, "classifier": classifier}
            for box, score, classifier in zip(boxes, scores, classifiers)
        ],
        "faces": [face(photo, box) for box, score in zip(boxes, scores) if score > 0],
        "cascade": sorted([int(value) for value in box] for box in cascade.detectMultiScale(grey, 1.1, 3)),
    }


print(json.dumps([numbers(path) for path in paths], separators=(",", ":")))
