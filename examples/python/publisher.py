"""Publishes a camera or a video file as JPEG, and prints what the processors made of each frame.

    python3 publisher.py clip.mp4 --server 127.0.0.1:50051 --stream cam-1
"""
import argparse, threading, time, uuid
import cv2, grpc
from framewire.v1 import frame_pb2 as wire, ingest_pb2 as ingest, ingest_pb2_grpc

def capture(source, fast):
    camera = cv2.VideoCapture(int(source) if source.isdigit() else source)
    start, sequence = time.time(), 0
    while True:
        more, image = camera.read()
        if not more:
            return
        sequence += 1
        pts = camera.get(cv2.CAP_PROP_POS_MSEC) / 1000 if not source.isdigit() else time.time() - start
        if not fast:
            time.sleep(max(0, start + pts - time.time()))
        _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        yield image.shape, wire.Frame(sequence=sequence, pts_micros=int(pts * 1e6), captured_at_unix_micros=int(time.time() * 1e6), keyframe=True, payload=jpeg.tobytes())

def requests(args, window):
    for (height, width, _), frame in capture(args.source, args.fast):
        if frame.sequence == 1:
            yield ingest.PublishRequest(open=ingest.Open(
                stream=args.stream, session=uuid.uuid4().hex, session_started_at_unix_micros=int(time.time() * 1e6), next_sequence=1,
                format=wire.Format(codec=wire.CODEC_JPEG, width=width, height=height), mode=wire.MODE_LOSSLESS if args.lossless else wire.MODE_LIVE,
                ack_level=wire.ACK_LEVEL_PROCESSED if args.lossless else wire.ACK_LEVEL_RECEIVED, results=True))
        window.acquire()  # one place for each frame in flight
        yield ingest.PublishRequest(frame=frame)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a file, a URL, or a camera's number")
    parser.add_argument("--server", default="127.0.0.1:50051")
    parser.add_argument("--stream", default="cam-1")
    parser.add_argument("--lossless", action="store_true", help="let processors that want every frame have it")
    parser.add_argument("--fast", action="store_true", help="read a file as fast as the server takes it")
    args = parser.parse_args()
    window, received = threading.Semaphore(64), 0
    with grpc.insecure_channel(args.server) as channel:
        for response in ingest_pb2_grpc.IngestStub(channel).Publish(requests(args, window), wait_for_ready=True):
            if not response.HasField("ack"):
                continue
            ack = response.ack
            if ack.level == wire.ACK_LEVEL_RECEIVED or ack.HasField("rejection"):
                received += 1
                window.release()
            for result in ack.results:
                seen = ", ".join(f"{d.label} {d.score:.2f}" for d in result.detections)
                print(f"frame {ack.sequence}: {result.processor}: {seen or 'nothing'}", flush=True)
    print(f"{received} frames, each acknowledged")
