#!/usr/bin/python3
"""A processor that looks at nothing: every frame as it is, answered at once.   noop.py PROTOS HOST:PORT"""
import pathlib, queue, sys, tempfile
import grpc
from grpc_tools import protoc

protos, generated = pathlib.Path(sys.argv[1]), tempfile.mkdtemp()
protoc.main(["", f"-I{protos}", f"--python_out={generated}", f"--grpc_python_out={generated}", *map(str, protos.glob("framewire/v1/*.proto"))])
sys.path.insert(0, generated)
from framewire.v1 import frame_pb2, processing_pb2 as processing, processing_pb2_grpc, result_pb2  # noqa: E402

answers = queue.SimpleQueue()
answers.put(processing.AttachRequest(attach=processing.Attach(processor="noop", streams=["*"], mode=frame_pb2.MODE_LIVE, credit=8)))
channel = grpc.insecure_channel(sys.argv[2], options=[("grpc.max_receive_message_length", 64 << 20)])
for message in processing_pb2_grpc.ProcessingStub(channel).Attach(iter(answers.get, None), wait_for_ready=True):
    if message.HasField("attached"):
        print("attached", flush=True)
    elif message.HasField("frame"):
        answers.put(processing.AttachRequest(answer=processing.Answer(stream=message.stream, sequence=message.frame.sequence, result=result_pb2.Result(reply=0))))
