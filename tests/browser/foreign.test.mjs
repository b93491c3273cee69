import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import {
  ListStreamsRequestSchema,
  ListStreamsResponseSchema,
  WatchRequestSchema,
  WatchResponseSchema,
} from './gen/framewire/v1/viewing_pb.js';
import { browserOfFile, open } from './support/browser.mjs';
import { published, serve, streams } from './support/program.mjs';
import { scenario, until } from './support/scope.mjs';
import { clientOf, firstBreak, follow } from './support/viewer.mjs';

const file = browserOfFile();
const small = ['--size', '320x240', '--encode', 'jpeg'];
const googles = readFileSync(fileURLToPath(import.meta.resolve('grpc-web')), 'utf8');

scenario('connect-web lists and watches, is told what is not there, and is gone when it cancels', async (scope) => {
  const server = await serve(scope);
  await published(scope, server, 'cam', small);
  const client = clientOf(server);

  const list = await client.listStreams({}, { timeoutMs: 10_000 });
  assert.deepEqual(
    list.streams.map(({ name, online }) => [name, online]),
    [['cam', true]],
  );
  assert.equal(String(list.grpcPort), new URL(server.grpc).port);

  const viewer = follow(scope, client, 'cam');
  await until('100 frames', () => viewer.error || viewer.sequences.length >= 100);
  assert.equal(viewer.error, undefined);
  assert.equal(firstBreak(viewer.sequences), undefined);
  assert.equal((await streams(server)).get('cam').viewers, 1);

  await viewer.stop();
  await until('the server to have no viewer', async () => (await streams(server)).get('cam').viewers === 0);
  const watch = async () => {
    for await (const _ of client.watch({ stream: 'nobody' }, { timeoutMs: 10_000 })) assert.fail('something came');
  };
  await assert.rejects(watch(), (error) => error.code === Code.NotFound);
});

scenario("Google's grpc-web client speaks to the server in text", async (scope) => {
  const server = await serve(scope);
  await published(scope, server, 'cam', small);
  const page = await openWithGoogles(scope, server);
  const types = new Set();
  page.on('response', (response) => types.add(response.headers()['content-type']));

  const listed = await call(
    page,
    'ListStreams',
    'unary',
    toBinary(ListStreamsRequestSchema, create(ListStreamsRequestSchema)),
  );
  const list = fromBinary(ListStreamsResponseSchema, Buffer.from(listed.messages[0], 'base64'));
  assert.deepEqual(
    list.streams.map(({ name }) => name),
    ['cam'],
  );

  const request = (fields) => toBinary(WatchRequestSchema, create(WatchRequestSchema, fields));
  const watched = await call(page, 'Watch', 'server_streaming', request({ stream: 'cam' }), 40);
  const messages = watched.messages.map(
    (bytes) => fromBinary(WatchResponseSchema, Buffer.from(bytes, 'base64')).message,
  );
  const frames = messages.filter((message) => message.case === 'frame').map(({ value }) => value);
  assert.equal(messages[0].case, 'started');
  assert.ok(frames.length >= 30, `${frames.length} frames`);
  assert.equal(firstBreak(frames.map(({ sequence }) => Number(sequence))), undefined);
  assert.ok(frames.every(({ payload }) => payload[0] === 0xff && payload[1] === 0xd8 && payload.at(-1) === 0xd9));

  const missing = await call(page, 'Watch', 'server_streaming', request({ stream: 'nobody' }));
  assert.deepEqual([missing.code, missing.messages.length], [5, 0]);
  for (const type of types) assert.match(type, /^application\/grpc-web-text/);
});

scenario("A call of Google's client ends with OK when the publisher is done", async (scope) => {
  const server = await serve(scope);
  const publisher = await published(scope, server, 'cam', [...small, '--fps', '10']);
  const page = await openWithGoogles(scope, server);

  const bytes = toBinary(WatchRequestSchema, create(WatchRequestSchema, { stream: 'cam', untilEnd: true }));
  const watching = call(page, 'Watch', 'server_streaming', bytes);
  await until('the viewer at the server', async () => (await streams(server)).get('cam').viewers === 1);
  assert.equal(await publisher.end('SIGINT'), 0, publisher.err);
  const { code, messages } = await watching;
  assert.equal(code, 0);
  assert.ok(messages.length > 1);
});

/** A page of the server's origin that has nothing but Google's client. */
async function openWithGoogles(scope, server) {
  // Where there is no page that names one, Chromium asks for an icon by itself.
  const page = await open(scope, file.browser, `${server.web}/healthz`, { bypassCSP: true });
  await page.addScriptTag({ content: `(() => { const exports = {}; ${googles}; window.grpcWeb = exports; })();` });
  return page;
}

/** One call in the page, in text; `enough` messages end it, or its status, which is answered with the messages in base64. */
const call = (page, method, type, request, enough = Infinity) =>
  page.evaluate(
    async ({ method, type, request, enough }) => {
      const { GrpcWebClientBase, MethodDescriptor } = window.grpcWeb;
      const name = `/framewire.v1.Viewing/${method}`;
      const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      const descriptor = new MethodDescriptor(name, type, Object, Object, (bytes) => bytes, base64);
      const client = new GrpcWebClientBase({ format: 'text' });
      const message = Uint8Array.from(request);
      if (type === 'unary')
        return { messages: [await client.unaryCall(location.origin + name, message, {}, descriptor)] };
      return new Promise((resolve) => {
        const messages = [];
        const stream = client.serverStreaming(location.origin + name, message, {}, descriptor);
        const finish = (code, text) => {
          stream.cancel();
          resolve({ code, text, messages });
        };
        setTimeout(() => finish('time-out'), 20_000);
        stream.on('data', (data) => messages.push(data) >= enough && finish('enough'));
        stream.on('error', (error) => finish(error.code, error.message));
        stream.on('status', (status) => finish(status.code, status.details));
      });
    },
    { method, type, request: [...request], enough },
  );
