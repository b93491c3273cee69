"""Frames over ZeroMQ REQ/REP as the imagezmq library sends them: a header in JSON, then the picture, then one reply; so the window is always 1.

zeromq.py server                                  prints "listening PORT"
zeromq.py client PORT BYTES WINDOW SECONDS FPS    prints "measuring", then one line of JSON
A frame of 60 KiB goes as a JPEG, a larger one as an array with its type and shape.
"""
import sys

import numpy as np
import zmq

from measure import Measure

JPEG_BYTES = 60 << 10


def serve():
    socket = zmq.Context().socket(zmq.REP)
    print("listening", socket.bind_to_random_port("tcp://127.0.0.1"), flush=True)
    while True:
        header = socket.recv_json()
        picture = socket.recv(copy=False)
        if "dtype" in header:
            np.frombuffer(picture, dtype=header["dtype"]).reshape(header["shape"])
        socket.send_string(str(header["number"]))


def send(port, size, window, seconds, fps):
    context = zmq.Context()
    socket = context.socket(zmq.REQ)
    socket.setsockopt(zmq.RCVTIMEO, 20_000)
    socket.connect(f"tcp://127.0.0.1:{port}")
    measure = Measure(int(size), 1, float(seconds), float(fps))
    array = np.frombuffer(measure.payload, dtype=np.uint8).reshape(-1, 640)
    for number, payload in enumerate(measure.frames()):
        header = {"msg": "bench", "number": number}
        if int(size) != JPEG_BYTES:
            header |= {"dtype": str(array.dtype), "shape": array.shape}
            payload = array
        socket.send_json(header, zmq.SNDMORE)
        socket.send(payload, copy=False)
        measure.ack(int(socket.recv_string()))
    measure.finish()


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve()
    else:
        send(*sys.argv[2:])
