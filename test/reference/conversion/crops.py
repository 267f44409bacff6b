"""Cuts faces out of sample photos, for the tests that compare converted networks with reference runtimes.

    python3 -m venv env && env/bin/pip install numpy opencv-python-headless
    env/bin/python test/reference/conversion/crops.py

Writes crop-1.png to crop-3.png beside this file: 112×112 pixels. The boxes are those of dlib's frontal face detector in photos of
node_modules/@vladmandic/face-api/demo (MIT).
"""
from pathlib import Path

import cv2

here = Path(__file__).parent
photos = here.parents[2] / "node_modules/@vladmandic/face-api/demo"
# (photo, left, top, side) in pixels.
boxes = [("sample1.jpg", 384, 384, 210), ("sample1.jpg", 1468, 246, 208), ("sample3.jpg", 568, 384, 210)]

for number, (photo, left, top, side) in enumerate(boxes, start=1):
    image = cv2.imread(str(photos / photo))
    crop = cv2.resize(image[top : top + side, left : left + side], (112, 112), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(here / f"crop-{number}.png"), crop)
