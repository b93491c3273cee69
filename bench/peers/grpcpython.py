"""The seed's contract in Python grpcio: "seed" makes an array of every byte of a frame as the seed does, "raw" does the least one can.

grpcpython.py seed|raw server                                  prints "listening PORT"
grpcpython.py seed|raw client PORT BYTES WINDOW SECONDS FPS    prints "measuring", then one line of JSON
"""
import os
import sys
import tempfile
from concurrent import futures

import grpc
import numpy as np
from grpc_tools import protoc

from measure import Measure

OPTIONS = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]


def contract():
    """Compiles protos/video.proto into a folder that does not last, and imports it."""
    protos = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "protos")
    with tempfile.TemporaryDirectory() as folder:
        if protoc.main(["protoc", f"-I{protos}", f"--python_out={folder}", f"--grpc_python_out={folder}", "video.proto"]):
            sys.exit("protoc failed")
        sys.path.insert(0, folder)
        import video_pb2
        import video_pb2_grpc
    return video_pb2, video_pb2_grpc


def serve(kind, video_pb2, video_pb2_grpc):
    class Video(video_pb2_grpc.videoServicer):
        def Analyse(self, request_iterator, context):
            for number, request in enumerate(request_iterator):
                if kind == "seed":
                    np.array(list(request.img))
                else:
                    np.frombuffer(request.img, dtype=np.uint8)
                yield video_pb2.MsgReply(reply=number)

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=256), options=OPTIONS)
    video_pb2_grpc.add_videoServicer_to_server(Video(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print("listening", port, flush=True)
    server.wait_for_termination()


def send(video_pb2, video_pb2_grpc, port, size, window, seconds, fps):
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        measure = Measure(int(size), int(window), float(seconds), float(fps))
        requests = (video_pb2.MsgRequest(img=payload) for payload in measure.frames())
        for reply in video_pb2_grpc.videoStub(channel).Analyse(requests):
            measure.ack(reply.reply)
        measure.finish()


if __name__ == "__main__":
    if sys.argv[2] == "server":
        serve(sys.argv[1], *contract())
    else:
        send(*contract(), *sys.argv[3:])
