#!/usr/bin/python3
"""Foreign ends of Framewire's two contracts on Debian's grpcio, which shares no line with ours.

  peer.py seed-client PORT FRAMES         the seed's client: grey 640x480 pictures, sent without ever waiting for a reply
  peer.py seed-count PORT FOLDER          the seed's client with JPEG files, by name; prints the replies
  peer.py seed-server                     the seed's server: one reply a picture; says its port, and at the call's end what it got
  peer.py publish PORT STREAM FRAMES      a publisher in framewire.v1: checks that every frame is acknowledged once, in order
  peer.py ingest-server                   a server in framewire.v1: says its port, and at the call's end what it got
  peer.py record PORT STREAM FRAMES       a lossless publisher: later frames first, acks at level persisted; then reads them all back in order
  peer.py watch PORT STREAM               a viewer in framewire.v1: prints what it saw

Each prints one JSON object as its last line. Exit code 0: everything was as it should be.
"""
import hashlib, json, pathlib, queue, sys, tempfile, threading, time
from concurrent import futures

import grpc
from grpc_tools import protoc

PROTOS = pathlib.Path(__file__).resolve().parents[3] / "protos"
GENERATED = tempfile.TemporaryDirectory()
protoc.main(["", f"-I{PROTOS}", f"--python_out={GENERATED.name}", f"--grpc_python_out={GENERATED.name}",
             *(str(p) for p in [PROTOS / "video.proto", *sorted(PROTOS.glob("framewire/v1/*.proto"))])])
sys.path.insert(0, GENERATED.name)
import video_pb2, video_pb2_grpc                                    # noqa: E402
from framewire.v1 import frame_pb2, ingest_pb2, ingest_pb2_grpc     # noqa: E402
from framewire.v1 import recordings_pb2, recordings_pb2_grpc        # noqa: E402
from framewire.v1 import viewing_pb2, viewing_pb2_grpc              # noqa: E402

OPTIONS = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 16 << 20)]
GREY = 640 * 480


def say(**what):
    print(json.dumps(what), flush=True)


def channel(port):
    return grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)


def digest(payload):
    return hashlib.sha256(payload).hexdigest()


def seed_client(port, frames):
    pictures = (video_pb2.MsgRequest(img=bytes([n % 256]) * GREY) for n in range(frames))
    replies = [reply.reply for reply in video_pb2_grpc.videoStub(channel(port)).Analyse(pictures, timeout=60)]
    say(sent=frames, replies=len(replies), kinds=sorted(set(replies)))
    return replies == [1] * frames


def seed_count(port, folder):
    pictures = (video_pb2.MsgRequest(img=path.read_bytes()) for path in sorted(pathlib.Path(folder).glob("*.jpg")))
    say(replies=[reply.reply for reply in video_pb2_grpc.videoStub(channel(port)).Analyse(pictures, timeout=80)])
    return True


def publish(port, stream, frames):
    acks = queue.Queue()

    def requests():
        yield ingest_pb2.PublishRequest(open=ingest_pb2.Open(
            stream=stream, session="python", session_started_at_unix_micros=int(time.time() * 1e6), next_sequence=1,
            format=frame_pb2.Format(codec=frame_pb2.CODEC_GRAY, width=64, height=48, frame_rate=30), agent="peer.py"))
        opened = acks.get(timeout=20)
        assert opened.WhichOneof("message") == "opened" and opened.opened.received_sequence == 0, opened
        for n in range(1, frames + 1):
            yield ingest_pb2.PublishRequest(frame=frame_pb2.Frame(
                sequence=n, pts_micros=n * 33_333, captured_at_unix_micros=int(time.time() * 1e6), keyframe=True,
                metadata={"n": str(n)}, payload=bytes([n % 256]) * (64 * 48)))
            if n == 10:     # once more: it must be acknowledged as a duplicate, and enter the stream once
                yield ingest_pb2.PublishRequest(frame=frame_pb2.Frame(sequence=n, keyframe=True, payload=bytes([n]) * (64 * 48)))

    got, duplicates = [], 0
    for response in ingest_pb2_grpc.IngestStub(channel(port)).Publish(requests(), timeout=60):
        kind = response.WhichOneof("message")
        if kind == "opened":
            acks.put(response)
        elif kind == "ack":
            assert response.ack.level == frame_pb2.ACK_LEVEL_RECEIVED and response.ack.sent_at_unix_micros >= response.ack.received_at_unix_micros > 0, response
            duplicates += response.ack.duplicate
            if not response.ack.duplicate:
                got.append(response.ack.sequence)
    say(acked=len(got), duplicates=duplicates)
    return got == list(range(1, frames + 1)) and duplicates == 1


def record(port, stream, frames):
    began, persisted = int(time.time() * 1e6), threading.Event()

    def frame(n):
        return ingest_pb2.PublishRequest(frame=frame_pb2.Frame(
            sequence=n, pts_micros=n * 33_333, captured_at_unix_micros=began + n * 33_333, keyframe=True, payload=bytes([n % 256]) * (64 * 48)))

    def requests():
        yield ingest_pb2.PublishRequest(open=ingest_pb2.Open(
            stream=stream, session="python", session_started_at_unix_micros=began, next_sequence=1, mode=frame_pb2.MODE_LOSSLESS,
            ack_level=frame_pb2.ACK_LEVEL_PERSISTED, format=frame_pb2.Format(codec=frame_pb2.CODEC_GRAY, width=64, height=48), agent="peer.py"))
        yield from (frame(n) for n in range(frames // 2 + 1, frames + 1))
        yield from (frame(n) for n in range(1, frames // 2 + 1))
        persisted.wait(30)      # half-close would wait for them, too

    done = set()
    for response in ingest_pb2_grpc.IngestStub(channel(port)).Publish(requests(), timeout=60):
        if response.WhichOneof("message") == "ack" and response.ack.level == frame_pb2.ACK_LEVEL_PERSISTED:
            done.update(range(response.ack.first_sequence, response.ack.sequence + 1))
            if len(done) == frames:
                persisted.set()

    recordings = recordings_pb2_grpc.RecordingsStub(channel(port))
    listed = {r.stream: r.frames for r in recordings.List(recordings_pb2.ListRequest(), timeout=20).recordings}
    request = recordings_pb2.ReadRequest(stream=stream, from_position=recordings_pb2.Position(session="python", sequence=1))
    read = [m.frame for m in recordings.Read(request, timeout=30) if m.WhichOneof("message") == "frame"]
    say(persisted=len(done), listed=listed.get(stream), read=len(read))
    whole = all(f.payload == bytes([f.sequence % 256]) * (64 * 48) and f.captured_at_unix_micros == began + f.sequence * 33_333 for f in read)
    return done == set(range(1, frames + 1)) and [f.sequence for f in read] == list(range(1, frames + 1)) and whole


def watch(port, stream):
    saw, started = [], None
    for message in viewing_pb2_grpc.ViewingStub(channel(port)).Watch(
            viewing_pb2.WatchRequest(stream=stream, wait=True, until_end=True), timeout=60):
        kind = message.WhichOneof("message")
        if kind == "started":
            started = message.started
        elif kind == "frame":
            saw.append((message.frame.sequence, digest(message.frame.payload)))
    say(frames=len(saw), first=saw[0][0], last=saw[-1][0], codec=started.format.codec, hash=digest("".join(h for _, h in saw).encode()))
    return [n for n, _ in saw] == list(range(saw[0][0], saw[-1][0] + 1))


class Seed(video_pb2_grpc.videoServicer):
    def Analyse(self, request_iterator, context):
        got = []
        for request in request_iterator:
            got.append(digest(request.img))
            yield video_pb2.MsgReply(reply=1)
        say(frames=len(got), hash=digest("".join(got).encode()))
        DONE.set()


class Ingest(ingest_pb2_grpc.IngestServicer):
    def Publish(self, request_iterator, context):
        got = []
        for request in request_iterator:
            kind = request.WhichOneof("message")
            if kind == "open":
                yield ingest_pb2.PublishResponse(opened=ingest_pb2.Opened(max_message_bytes=16 << 20, heartbeat_interval_millis=1000, silence_limit_millis=5000))
            elif kind == "frame":
                got.append((request.frame.sequence, digest(request.frame.payload)))
                yield ingest_pb2.PublishResponse(ack=ingest_pb2.Ack(sequence=request.frame.sequence, level=frame_pb2.ACK_LEVEL_RECEIVED))
        say(frames=len(got), in_order=[n for n, _ in got] == list(range(1, len(got) + 1)), hash=digest("".join(h for _, h in got).encode()))
        DONE.set()


DONE = threading.Event()


def serve(add, servicer):
    server = grpc.server(futures.ThreadPoolExecutor(4), options=OPTIONS)
    add(servicer, server)
    say(port=server.add_insecure_port("127.0.0.1:0"))
    server.start()
    ended = DONE.wait(90)
    server.stop(2).wait()
    return ended


ROLES = {
    "seed-client": lambda port, frames: seed_client(int(port), int(frames)),
    "seed-count": lambda port, folder: seed_count(int(port), folder),
    "publish": lambda port, stream, frames: publish(int(port), stream, int(frames)),
    "record": lambda port, stream, frames: record(int(port), stream, int(frames)),
    "watch": lambda port, stream: watch(int(port), stream),
    "seed-server": lambda: serve(video_pb2_grpc.add_videoServicer_to_server, Seed()),
    "ingest-server": lambda: serve(ingest_pb2_grpc.add_IngestServicer_to_server, Ingest()),
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ROLES:
        sys.exit(__doc__)
    sys.exit(0 if ROLES[sys.argv[1]](*sys.argv[2:]) else 1)
