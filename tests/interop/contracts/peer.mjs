// Foreign ends of Framewire's two contracts on @grpc/grpc-js, which shares no line with ours.
//
//   node peer.mjs seed-client PORT FRAMES      the seed's client: grey 640x480 pictures, sent without ever waiting for a reply
//   node peer.mjs seed-server                  the seed's server: one reply a picture; says its port, and at the call's end what it got
//   node peer.mjs publish PORT STREAM FRAMES   a publisher in framewire.v1: checks that every frame is acknowledged once, in order
//   node peer.mjs ingest-server                a server in framewire.v1: says its port, and at the call's end what it got
//   node peer.mjs watch PORT STREAM            a viewer in framewire.v1: prints what it saw
//
// Each prints one JSON object as its last line. Exit code 0: everything was as it should be.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const protos = fileURLToPath(new URL("../../../protos", import.meta.url));
const files = ["video.proto", "framewire/v1/frame.proto", "framewire/v1/ingest.proto", "framewire/v1/viewing.proto"];
const api = grpc.loadPackageDefinition(loader.loadSync(files, { includeDirs: [protos], keepCase: true, longs: Number, enums: String, oneofs: true }));
const options = { "grpc.max_receive_message_length": 16 << 20, "grpc.max_send_message_length": 16 << 20 };
const insecure = grpc.credentials.createInsecure();
const deadline = () => ({ deadline: Date.now() + 60_000 });
const say = (what) => console.log(JSON.stringify(what));
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
const isRun = (numbers, first = 1) => numbers.every((n, i) => n === first + i);

/** Collects what a call receives; rejects with the call's error. */
function collect(call, take) {
  return new Promise((resolve, reject) => call.on("data", take).on("end", resolve).on("error", reject));
}

async function seedClient(port, frames) {
  const call = new api.video(`127.0.0.1:${port}`, insecure, options).Analyse(deadline());
  const replies = [];
  const done = collect(call, (reply) => replies.push(reply.reply));
  for (let n = 0; n < frames; n++) call.write({ img: Buffer.alloc(640 * 480, n % 256) });
  call.end();
  await done;
  say({ sent: +frames, replies: replies.length, kinds: [...new Set(replies)] });
  return replies.length === +frames && replies.every((reply) => reply === 1);
}

async function publish(port, stream, frames) {
  const call = new api.framewire.v1.Ingest(`127.0.0.1:${port}`, insecure, options).Publish(deadline());
  const acked = [];
  let duplicates = 0;
  const done = collect(call, (response) => {
    if (response.opened) sendFrames();
    if (response.ack?.duplicate) duplicates++;
    else if (response.ack) acked.push(response.ack.sequence);
  });
  const send = (n) => call.write({ frame: { sequence: n, pts_micros: n * 33_333, captured_at_unix_micros: Date.now() * 1000, keyframe: true, metadata: { n: `${n}` }, payload: Buffer.alloc(64 * 48, n % 256) } });
  function sendFrames() {
    for (let n = 1; n <= frames; n++) {
      send(n);
      if (n === 10) send(n);
    }
    call.end();
  }
  call.write({ open: { stream, session: "node", session_started_at_unix_micros: Date.now() * 1000, next_sequence: 1, format: { codec: "CODEC_GRAY", width: 64, height: 48, frame_rate: 30 }, agent: "peer.mjs" } });
  await done;
  say({ acked: acked.length, duplicates });
  return acked.length === +frames && isRun(acked) && duplicates === 1;
}

async function watch(port, stream) {
  const call = new api.framewire.v1.Viewing(`127.0.0.1:${port}`, insecure, options).Watch({ stream, wait: true, until_end: true }, deadline());
  const saw = [];
  const hashes = [];
  let codec = "";
  await collect(call, (message) => {
    codec = message.started?.format.codec ?? codec;
    if (!message.frame) return;
    saw.push(message.frame.sequence);
    hashes.push(digest(message.frame.payload));
  });
  say({ frames: saw.length, first: saw[0], last: saw.at(-1), codec, hash: digest(hashes.join("")) });
  return isRun(saw, saw[0]);
}

/** Serves until one call has ended. */
function serve(service, handlers) {
  return new Promise((resolve, reject) => {
    const server = new grpc.Server(options);
    server.addService(service, handlers((result) => {
      say(result);
      server.tryShutdown(() => resolve(true));
    }));
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : say({ port })));
    setTimeout(() => resolve(false), 90_000).unref();
  });
}

const seedServer = () => serve(api.video.service, (done) => ({
  Analyse(call) {
    const got = [];
    call.on("data", (request) => {
      got.push(digest(request.img));
      call.write({ reply: 1 });
    });
    call.on("end", () => {
      call.end();
      done({ frames: got.length, hash: digest(got.join("")) });
    });
  },
}));

const ingestServer = () => serve(api.framewire.v1.Ingest.service, (done) => ({
  Publish(call) {
    const got = [];
    const hashes = [];
    call.on("data", (request) => {
      if (request.open) call.write({ opened: { max_message_bytes: 16 << 20, heartbeat_interval_millis: 1000, silence_limit_millis: 5000 } });
      if (!request.frame) return;
      got.push(request.frame.sequence);
      hashes.push(digest(request.frame.payload));
      call.write({ ack: { sequence: request.frame.sequence, level: "ACK_LEVEL_RECEIVED" } });
    });
    call.on("end", () => {
      call.end();
      done({ frames: got.length, in_order: isRun(got), hash: digest(hashes.join("")) });
    });
  },
}));

const roles = { "seed-client": seedClient, "seed-server": seedServer, publish, "ingest-server": ingestServer, watch };
const [role, ...rest] = process.argv.slice(2);
if (!roles[role]) {
  console.error(`usage: node peer.mjs ${Object.keys(roles).join("|")} …`);
  process.exit(2);
}
process.exit((await roles[role](...rest)) ? 0 : 1);
