import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { StreamStatusSchema } from '../gen/framewire/v1/viewing_pb';
import { remember } from './remember';

const stream = (name: string) => create(StreamStatusSchema, { name, online: true });
const seen = (list: { name: string; online: boolean }[]) =>
  list.map(({ name, online }) => `${name}${online ? '' : '?'}`);

test('a stream the server no longer lists stays for five seconds more, offline', () => {
  const missingSince = new Map<string, number>();
  let shown = remember([], [stream('a'), stream('b')], missingSince, 0);
  expect(seen(shown)).toEqual(['a', 'b']);

  shown = remember(shown, [stream('b')], missingSince, 60_000);
  expect(seen(shown)).toEqual(['a?', 'b']);

  shown = remember(shown, [stream('b')], missingSince, 65_000);
  expect(seen(shown)).toEqual(['a?', 'b']);

  shown = remember(shown, [stream('b')], missingSince, 65_001);
  expect(seen(shown)).toEqual(['b']);
});

test('a stream that is listed again is as the server says', () => {
  const missingSince = new Map<string, number>();
  const gone = remember([stream('a')], [], missingSince, 0);

  expect(seen(remember(gone, [stream('a')], missingSince, 1000))).toEqual(['a']);
  expect(missingSince.size).toBe(0);
});

test('what is remembered went offline with its last frame', () => {
  const last = create(StreamStatusSchema, { name: 'a', online: true, lastReceivedAtUnixMicros: 7n });

  expect(remember([last], [], new Map(), 0)[0]?.offlineSinceUnixMicros).toBe(7n);
});
