"""Trains the small models that the tests read where dlib's own files are not installed: tiny.dat and tiny.svm.

    ENV/bin/python test/reference/classical/train_tiny_models.py PHOTO...

The faces and their points are those that dlib's own detector and 5-point predictor find in the photos.
"""

import os
import sys

import dlib
import face_recognition_models
import numpy
from PIL import Image

folder = os.path.dirname(os.path.abspath(__file__))
detector = dlib.get_frontal_face_detector()
predictor = dlib.shape_predictor(face_recognition_models.pose_predictor_five_point_model_location())

images, shapes, boxes = [], [], []
for path in sys.argv[1:]:
    photo = Image.open(path).convert("RGB")
    photo = numpy.array(photo.resize((photo.width // 2, photo.height // 2)))
    found = list(detector(photo, 0))
    if not found:
        continue
    images.append(photo)
    boxes.append(found)
    shapes.append([predictor(photo, box) for box in found])

options = dlib.shape_predictor_training_options()
options.cascade_depth, options.num_trees_per_cascade_level, options.tree_depth = 3, 10, 2
options.feature_pool_size, options.oversampling_amount, options.nu = 40, 10, 0.3
dlib.train_shape_predictor(images, shapes, options).save(os.path.join(folder, "tiny.dat"))

options = dlib.simple_object_detector_training_options()
options.detection_window_size, options.C, options.upsample_limit = 40 * 40, 5, 0
options.add_left_right_image_flips, options.epsilon, options.num_threads = True, 0.05, 1
dlib.train_simple_object_detector(images, boxes, options).save(os.path.join(folder, "tiny.svm"))
