"""Shows or saves a stream with what the processors found drawn over the very frame that they found it in.

    python3 viewer.py cam-1 --server 127.0.0.1:50051 --save pictures
"""
import argparse, os, time
import cv2, grpc, numpy
from framewire.v1 import frame_pb2 as wire, viewing_pb2 as viewing, viewing_pb2_grpc

def draw(image, detections):
    height, width, _ = image.shape
    for found in detections:
        x, y = int(found.box.x * width), int(found.box.y * height)
        cv2.rectangle(image, (x, y), (int(x + found.box.width * width), int(y + found.box.height * height)), (0, 200, 255), 2)
        cv2.putText(image, f"{found.label} {found.score:.2f}", (x + 4, y + 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 200, 255), 1, cv2.LINE_AA)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stream")
    parser.add_argument("--server", default="127.0.0.1:50051")
    parser.add_argument("--save", metavar="DIR", help="write every picture there instead of showing it")
    parser.add_argument("--frames", type=int, default=0, help="stop after so many")
    parser.add_argument("--until-end", action="store_true", help="stop when the publisher says that it is done")
    args = parser.parse_args()
    if args.save:
        os.makedirs(args.save, exist_ok=True)
    count = 0
    # The server makes JPEG of whatever is not JPEG, and holds each frame back until its results are there.
    request = viewing.WatchRequest(stream=args.stream, wait=True, until_end=args.until_end, codecs=[wire.CODEC_JPEG], results=True)
    with grpc.insecure_channel(args.server, options=[("grpc.max_receive_message_length", 64 << 20)]) as channel:
        for message in viewing_pb2_grpc.ViewingStub(channel).Watch(request, wait_for_ready=True):
            if not message.HasField("frame"):
                continue
            image = cv2.imdecode(numpy.frombuffer(message.frame.payload, numpy.uint8), cv2.IMREAD_COLOR)
            detections = [found for result in message.results for found in result.detections]
            draw(image, [found for found in detections if found.HasField("box")])
            age = time.time() * 1000 - message.frame.captured_at_unix_micros / 1000
            print(f"frame {message.frame.sequence}: {age:.0f} ms old, {len(detections)} found", flush=True)
            if args.save:
                cv2.imwrite(f"{args.save}/{message.frame.sequence:08}.jpg", image)
            else:
                cv2.imshow(args.stream, image)
                cv2.waitKey(1)
            count += 1
            if count == args.frames:
                break
