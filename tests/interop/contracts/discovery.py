#!/usr/bin/python3
"""Health and reflection as a stranger asks, on Debian's grpcio and protobuf, which share no line with ours.

  discovery.py reflect PORT VERSION   knows only grpc.reflection.VERSION: learns everything else from the server, then calls ListStreams by what it learnt
  discovery.py health PORT            Check and Watch of the server, of a service, and of one that is not there
  discovery.py watch PORT             says {"status": …} for each thing that it is told, and at the end with what the call ended

Each prints JSON objects; exit code 0: everything was as it should be.
"""
import json, pathlib, sys, tempfile

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

PROTOS = pathlib.Path(__file__).resolve().parents[3] / "protos"
GENERATED = tempfile.TemporaryDirectory()


def generated(*files):
    protoc.main(["", f"-I{PROTOS}", f"--python_out={GENERATED.name}", f"--grpc_python_out={GENERATED.name}", *(str(PROTOS / f) for f in files)])
    # The directory "grpc" that protoc makes must not hide the library: its folders join the library's package.
    grpc.__path__.append(f"{GENERATED.name}/grpc")


def say(**what):
    print(json.dumps(what), flush=True)


def channel(port):
    return grpc.insecure_channel(f"127.0.0.1:{port}")


def reflect(port, version):
    generated(f"grpc/reflection/{version}/reflection.proto")
    messages = __import__(f"grpc.reflection.{version}.reflection_pb2", fromlist=["x"])
    stubs = __import__(f"grpc.reflection.{version}.reflection_pb2_grpc", fromlist=["x"])
    Request = messages.ServerReflectionRequest

    def ask(*requests):
        return list(stubs.ServerReflectionStub(channel(port)).ServerReflectionInfo(iter(requests), timeout=30))

    services = [s.name for s in ask(Request(list_services=""))[0].list_services_response.service]
    pool, files = descriptor_pool.DescriptorPool(), {}
    for answer in ask(*(Request(file_containing_symbol=name) for name in services)):
        for serialised in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(serialised)
            files[file.name] = file

    def add(name):
        file = files.pop(name, None)
        if file is not None:
            for imported in file.dependency:
                add(imported)
            pool.Add(file)
    for name in list(files):
        add(name)

    method = pool.FindServiceByName("framewire.v1.Viewing").FindMethodByName("ListStreams")
    factory = message_factory.MessageFactory(pool)
    call = channel(port).unary_unary("/framewire.v1.Viewing/ListStreams", factory.GetPrototype(method.input_type).SerializeToString,
                                     factory.GetPrototype(method.output_type).FromString)
    streams = [stream.name for stream in call(factory.GetPrototype(method.input_type)(), timeout=30).streams]
    errors = [answer.error_response.error_code for answer in ask(Request(file_containing_symbol="no.Such"), Request(file_by_filename="no.proto"))]
    say(services={name: [m.name for m in pool.FindServiceByName(name).methods] for name in services}, streams=streams, errors=errors)
    return errors == [5, 5]


def health_stub(port):
    generated("grpc/health/v1/health.proto")
    from grpc.health.v1 import health_pb2, health_pb2_grpc
    return health_pb2, health_pb2_grpc.HealthStub(channel(port))


def health(port):
    messages, stub = health_stub(port)
    word = messages.HealthCheckResponse.ServingStatus.Name
    said = {}
    for service in ["", "framewire.v1.Ingest", "no.Such"]:
        try:
            check = word(stub.Check(messages.HealthCheckRequest(service=service), timeout=30).status)
        except grpc.RpcError as e:
            check = e.code().name
        watch = stub.Watch(messages.HealthCheckRequest(service=service), timeout=30)
        said[service] = [check, word(next(watch).status)]
        watch.cancel()
    say(**said)
    return True


def watch(port):
    messages, stub = health_stub(port)
    try:
        for response in stub.Watch(messages.HealthCheckRequest(), timeout=60):
            say(status=messages.HealthCheckResponse.ServingStatus.Name(response.status))
    except grpc.RpcError as e:
        say(end=e.code().name)
    return True


ROLES = {"reflect": reflect, "health": health, "watch": watch}
sys.exit(0 if ROLES[sys.argv[1]](*sys.argv[2:]) else 1)
