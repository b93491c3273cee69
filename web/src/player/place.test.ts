import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { FrameSchema } from '../gen/framewire/v1/frame_pb';
import { RecordedSpanSchema } from '../gen/framewire/v1/recordings_pb';
import { isPast, isReached, lastPlace, placeBefore } from './place';

const frame = (sequence: bigint, at: number, session = 'b') => ({
  session,
  format: undefined,
  frame: create(FrameSchema, { sequence, capturedAtUnixMicros: BigInt(at * 1000) }),
  gaps: [],
});
const span = (session: string, firstSequence: bigint, lastSequence: bigint) =>
  create(RecordedSpanSchema, { session, firstSequence, lastSequence });
const spans = [span('a', 1n, 90n), span('b', 5n, 20n), span('b', 31n, 40n)];

test('a time is reached by the first frame at or after it', () => {
  expect(isReached({ at: 100 }, frame(1n, 99))).toBe(false);
  expect(isReached({ at: 100 }, frame(2n, 100))).toBe(true);
});

test('a sequence is reached by its frame, or passed', () => {
  const target = { place: { session: 'b', sequence: 7n } };

  expect([isReached(target, frame(6n, 0)), isPast(target, frame(6n, 0))]).toEqual([false, false]);
  expect([isReached(target, frame(7n, 0)), isPast(target, frame(7n, 0))]).toEqual([true, false]);
  expect([isReached(target, frame(8n, 0)), isPast(target, frame(8n, 0))]).toEqual([true, true]);
  expect(isPast(target, frame(1n, 0, 'c'))).toBe(true);
});

test('the frame before is the next lower one that is recorded', () => {
  expect(placeBefore({ session: 'b', sequence: 9n }, spans)).toEqual({ session: 'b', sequence: 8n });
  expect(placeBefore({ session: 'b', sequence: 31n }, spans)).toEqual({ session: 'b', sequence: 20n });
  expect(placeBefore({ session: 'b', sequence: 5n }, spans)).toEqual({ session: 'a', sequence: 90n });
  expect(placeBefore({ session: 'a', sequence: 1n }, spans)).toBeUndefined();
  expect(placeBefore({ session: 'z', sequence: 3n }, spans)).toEqual({ session: 'z', sequence: 2n });
});

test('the last frame is the last span’s', () => {
  expect(lastPlace(spans)).toEqual({ session: 'b', sequence: 40n });
  expect(lastPlace([])).toBeUndefined();
});
