#!/usr/bin/python3
"""What OpenCV finds when it is run directly on pictures, with nothing of ours between: the measure for examples/python/detector.py.

  direct.py EXAMPLES people|faces FOLDER              JPEG files, by name
  direct.py EXAMPLES people|faces RAW WIDTH HEIGHT    grey pictures, one after the other

Prints a line for each picture: the boxes, and their scores, as JSON.
"""
import json, pathlib, sys
import cv2, numpy

sys.path.insert(0, sys.argv[1])
import detector  # noqa: E402


def pictures(place, size):
    if not size:
        yield from (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(pathlib.Path(place).glob("*.jpg")))
        return
    width, height = map(int, size)
    pixels = numpy.fromfile(place, numpy.uint8)
    yield from pixels.reshape(-1, height, width)


cv2.setNumThreads(1)
find = {"people": detector.people, "faces": detector.faces}[sys.argv[2]]()
for picture in pictures(sys.argv[3], sys.argv[4:]):
    height, width = picture.shape
    boxes, scores = find(picture)
    print(json.dumps([[*(float(numpy.float32(n)) for n in (x / width, y / height, w / width, h / height, score))]
                      for (x, y, w, h), score in zip(boxes, numpy.ravel(scores))]))
