import { createClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { Viewing } from '../gen/framewire/v1/viewing_pb.js';

/** A client of the server in Node, over gRPC-Web. */
export const clientOf = (server) => createClient(Viewing, createGrpcWebTransport({ baseUrl: server.web }));

/** Watches a stream until the scope ends. What came is in the answer, and grows. */
export function follow(scope, client, stream) {
  const abort = new AbortController();
  const startedAt = performance.now();
  const seen = { capturedAt: new Map(), sequences: [], gaps: [], firstAfter: undefined, error: undefined };
  const take = ({ message: { case: what, value } }) => {
    if (what === 'gap') seen.gaps.push(`${value.firstSequence} to ${value.lastSequence}`);
    if (what !== 'frame') return;
    seen.firstAfter ??= performance.now() - startedAt;
    seen.sequences.push(Number(value.sequence));
    seen.capturedAt.set(Number(value.sequence), Number(value.capturedAtUnixMicros) / 1000);
  };
  const done = (async () => {
    try {
      for await (const response of client.watch({ stream, wait: true }, { signal: abort.signal })) take(response);
      seen.error = new Error('the call ended');
    } catch (error) {
      if (!abort.signal.aborted) seen.error = error;
    }
  })();
  seen.stop = async () => {
    abort.abort();
    await done;
  };
  scope.defer(seen.stop);
  return seen;
}

/** The first sequence that does not follow the one before it; undefined if all do. */
export const firstBreak = (sequences) => sequences.find((sequence, i) => i > 0 && sequence !== sequences[i - 1] + 1);

/** The value below which the given part of the values is. */
export function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** p50, p99 and the greatest of some milliseconds, for people. */
export const spread = (values) =>
  `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms, max ${Math.max(...values).toFixed(0)} ms`;
