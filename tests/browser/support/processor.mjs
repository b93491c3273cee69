import { createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { Mode } from '../gen/framewire/v1/frame_pb.js';
import { Processing } from '../gen/framewire/v1/processing_pb.js';

export { Mode };

/**
 * Attaches a processor in Node: `look` makes a result of each frame, at once or in its own time; undefined for nothing at all.
 * Lossless, it gets every frame of lossless publishers. `crash` breaks its call off, `leave` ends it as one that is done; the scope's end crashes it too.
 */
export function attach(scope, server, processor, look, { streams = ['*'], credit = 1, mode = Mode.LIVE } = {}) {
  const requests = new Requests();
  requests.put({
    message: {
      case: 'attach',
      value: { processor, streams, credit, mode, agent: 'browser tests' },
    },
  });
  const sessionManager = new Http2SessionManager(server.grpc);
  const client = createClient(Processing, createGrpcTransport({ baseUrl: server.grpc, sessionManager }));
  const run = { answered: 0, error: undefined };
  let crashed = false;
  const answer = async ({ sequence }, stream) => {
    const result = await look(sequence, stream);
    run.answered++;
    requests.put({
      message: {
        case: 'answer',
        value: { stream, sequence, ...(result && { result }) },
      },
    });
  };
  const done = (async () => {
    try {
      for await (const { message, stream } of client.attach(requests))
        if (message.case === 'frame') void answer(message.value, stream);
    } catch (error) {
      if (crashed) return;
      run.error = error;
      console.error(`processor ${processor}: ${error}`);
    }
  })();
  run.leave = () => {
    requests.end();
    return done;
  };
  // Not by the call's signal, which half-closes first: that would be a goodbye.
  run.crash = () => {
    crashed = true;
    sessionManager.abort();
    return done;
  };
  scope.defer(run.crash);
  scope.finally(() => {
    if (run.error) throw run.error;
  });
  return run;
}

/** What is to be sent, for as long as there may be more. */
class Requests {
  #waiting = [];
  #wake = () => undefined;
  #ended = false;

  put(request) {
    this.#waiting.push(request);
    this.#wake();
  }

  end() {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    while (true) {
      yield* this.#waiting.splice(0);
      if (this.#waiting.length) continue;
      if (this.#ended) return;
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }
}
