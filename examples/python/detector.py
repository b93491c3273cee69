"""A processor: finds people (HOG) or faces (Haar cascade) in every stream that it is for, and attaches again whenever the server was away.

    python3 detector.py people --server 127.0.0.1:50051 --streams 'cam-*'
"""
import argparse, queue, signal, time
import cv2, grpc, numpy
from framewire.v1 import frame_pb2, processing_pb2 as processing, processing_pb2_grpc, result_pb2 as results

def people():
    hog = cv2.HOGDescriptor()
    hog.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())
    return lambda image: hog.detectMultiScale(image, winStride=(8, 8), padding=(8, 8), scale=1.05)

def faces():
    cascade = cv2.CascadeClassifier("/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml")  # Debian's opencv-data
    return lambda image: cascade.detectMultiScale3(image, 1.1, 5, outputRejectLevels=True)[::2]

def look(find, label, image):
    height, width = image.shape
    boxes, scores = find(image)
    return results.Result(reply=len(boxes), detections=[
        results.Detection(label=label, score=float(score), box=results.Box(x=x / width, y=y / height, width=w / width, height=h / height))
        for (x, y, w, h), score in zip(boxes, numpy.ravel(scores))])

def attach(args, find, label, answers):
    form = processing.FrameForm(codec=frame_pb2.CODEC_GRAY, width=args.width, frame_rate=args.fps)
    mode = frame_pb2.MODE_LOSSLESS if args.every_frame else frame_pb2.MODE_LIVE
    answers.put(processing.AttachRequest(attach=processing.Attach(processor=args.what, streams=args.streams, form=form, mode=mode, credit=2)))
    with grpc.insecure_channel(args.server, options=[("grpc.max_receive_message_length", 64 << 20)]) as channel:
        formats = {}
        for message in processing_pb2_grpc.ProcessingStub(channel).Attach(iter(answers.get, None), wait_for_ready=True):
            if message.HasField("started"):
                formats[message.started.stream] = message.started.format
            elif message.HasField("frame"):
                shape = formats[message.stream]
                image = numpy.frombuffer(message.frame.payload, numpy.uint8).reshape(shape.height, shape.width)
                result = look(find, label, image)
                answers.put(processing.AttachRequest(answer=processing.Answer(stream=message.stream, sequence=message.frame.sequence, result=result)))

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["people", "faces"])
    parser.add_argument("--server", default="127.0.0.1:50051")
    parser.add_argument("--streams", nargs="+", default=["*"], help="names with * and ?")
    parser.add_argument("--width", type=int, default=0, help="scale to this width first; smaller is faster")
    parser.add_argument("--fps", type=float, default=0, help="look at no more frames a second than this")
    parser.add_argument("--every-frame", action="store_true", help="let publishers of lossless streams wait")
    args = parser.parse_args()
    find, label = {"people": (people, "person"), "faces": (faces, "face")}[args.what]
    find, answers = find(), queue.Queue()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: answers.put(None))  # the half-close says that it is done for good, and the call ends
    while True:
        try:
            raise SystemExit(attach(args, find, label, answers))
        except grpc.RpcError as error:
            print(f"{error.code().name}: {error.details()}; attaching again in a second", flush=True)
        answers = queue.Queue()
        time.sleep(1)
