import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { StreamStatusSchema } from '../gen/framewire/v1/viewing_pb';
import { stateOf } from './state';

const gone = { at: 500, status: create(StreamStatusSchema, { online: false, offlineSinceUnixMicros: 400_000n }) };
const there = { at: 500, status: create(StreamStatusSchema, { online: true }) };
const word = (online: boolean, at: number) => ({ online, at, since: online ? 0 : 450, complete: true });

test('the later word counts', () => {
  expect(stateOf(word(true, 600), gone, true)).toEqual({ name: 'live' });
  expect(stateOf(word(true, 300), gone, true)).toEqual({ name: 'offline', since: 400, complete: false });
  expect(stateOf(word(false, 600), there, true)).toEqual({ name: 'offline', since: 450, complete: true });
  expect(stateOf(word(false, 300), there, true)).toEqual({ name: 'live' });
});

test('either word counts alone', () => {
  expect(stateOf(undefined, gone, false)).toEqual({ name: 'offline', since: 400, complete: false });
  expect(stateOf(word(false, 600), undefined, true)).toEqual({ name: 'offline', since: 450, complete: true });
});

test('without a picture a stream is waited for', () => {
  expect(stateOf(undefined, undefined, false)).toEqual({ name: 'waiting' });
  expect(stateOf(undefined, there, false)).toEqual({ name: 'waiting' });
});
