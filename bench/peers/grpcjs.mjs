// The seed's contract on @grpc/grpc-js.
//   grpcjs.mjs server                                  prints "listening PORT"
//   grpcjs.mjs client PORT BYTES WINDOW SECONDS FPS    prints "measuring", then one line of JSON
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const proto = fileURLToPath(new URL('../../protos/video.proto', import.meta.url));
const { video } = grpc.loadPackageDefinition(loader.loadSync(proto));
const limits = { 'grpc.max_receive_message_length': 64 << 20, 'grpc.max_send_message_length': 64 << 20 };

function serve() {
  const server = new grpc.Server(limits);
  server.addService(video.service, {
    Analyse(call) {
      let number = 0;
      call.on('data', () => call.write({ reply: number++ }));
      call.on('end', () => call.end());
      call.on('error', () => {});
    },
  });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(`listening ${port}`);
  });
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

function print(times, seconds) {
  times.sort((a, b) => a - b);
  const at = (p) => Math.round(times[Math.floor(p * (times.length - 1))] * 1e4) / 10;
  console.log(JSON.stringify({ frames: times.length, seconds, p50: at(0.5), p99: at(0.99), p999: at(0.999) }));
  process.stdin.on('end', () => process.exit(0)).resume();
}

function send(port, bytes, window, seconds, fps) {
  const img = randomBytes(bytes);
  const call = new video(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), limits).Analyse();
  // What compiles while it runs needs longer.
  const warmUp = Math.min(1000, Math.max(300, seconds * 1000));
  let start = performance.now();
  let measureFrom = Infinity;
  let until = Infinity;
  const sent = [];
  const times = [];
  let acked = 0;
  let last = 0;
  let ended = false;

  let timer;
  function pump() {
    clearTimeout(timer);
    while (!ended && sent.length - acked < window) {
      const time = performance.now();
      const due = fps > 0 ? start + (sent.length * 1000) / fps : time;
      if (time >= until) {
        ended = true;
        call.end();
      } else if (due > time + 0.5) {
        timer = setTimeout(pump, due - time);
        return;
      } else {
        sent.push(time);
        call.write({ img });
      }
    }
  }

  call.on('data', ({ reply }) => {
    if (reply !== acked) fail(`ack ${acked} is missing, ${reply} came`);
    const time = performance.now();
    const since = sent[acked++];
    if (acked === 1) {
      // The clock starts when the connection is there.
      start = time;
      measureFrom = start + warmUp;
      until = measureFrom + seconds * 1000;
    }
    if (since >= measureFrom) {
      if (times.length === 0) console.log('measuring');
      times.push(time - since);
      last = time;
    }
    pump();
  });
  call.on('error', (error) => fail(error.message));
  call.on('end', () => {
    if (acked !== sent.length || times.length === 0) fail(`${acked} of ${sent.length} frames were acknowledged`);
    print(times, (last - measureFrom) / 1000);
  });
  pump();
}

if (process.argv[2] === 'server') serve();
else send(...process.argv.slice(3).map(Number));
