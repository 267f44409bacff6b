"""The rectangles that OpenCV finds in a photo with its cascades, as JSON on standard output.

    ENV/bin/python test/reference/classical/opencv_numbers.py PHOTO FOLDER > test/reference/classical/opencv.json

ENV is the environment of dlib_numbers.py. FOLDER has haarcascades and lbpcascades: /usr/share/opencv4 of Debian's opencv-data.
old.xml in this folder is a cascade in the format before OpenCV 2.4, with a tilted feature.
"""

import json
import os
import sys

import cv2

photo = cv2.imread(sys.argv[1])
grey = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)

cases = [
    ["haarcascades/haarcascade_frontalface_default.xml", 1.1, 3, 0],
    ["haarcascades/haarcascade_frontalface_default.xml", 1.05, 5, 30],
    ["haarcascades/haarcascade_frontalface_alt2.xml", 1.1, 3, 0],
    ["haarcascades/haarcascade_eye.xml", 1.1, 3, 0],
    ["haarcascades/haarcascade_eye_tree_eyeglasses.xml", 1.1, 3, 0],
    ["haarcascades/haarcascade_smile.xml", 1.2, 2, 0],
    ["lbpcascades/lbpcascade_frontalface.xml", 1.1, 3, 0],
    ["lbpcascades/lbpcascade_frontalface_improved.xml", 1.05, 2, 0],
    ["lbpcascades/lbpcascade_profileface.xml", 1.1, 1, 0],
    ["old.xml", 1.3, 8, 0],
]


def rectangles(name, factor, neighbours, size):
    here = os.path.dirname(os.path.abspath(__file__)) if name == "old.xml" else sys.argv[2]
    cascade = cv2.CascadeClassifier(os.path.join(here, name))
    found = cascade.detectMultiScale(grey, factor, neighbours, minSize=(size, size))
    return sorted([int(value) for value in box] for box in found)


print(
    json.dumps(
        [
            {"cascade": name, "scaleFactor": factor, "minNeighbors": neighbours, "minSize": size,
             "boxes": rectangles(name, factor, neighbours, size)}
            for name, factor, neighbours, size in cases
        ],
        separators=(",", ":"),
    )
)
