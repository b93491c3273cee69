import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { FrameSchema } from '../gen/framewire/v1/frame_pb';
import { RecordedGapSchema } from '../gen/framewire/v1/recordings_pb';
import { missingAt, missingBetween } from './missing';

const gap = create(RecordedGapSchema, { firstSequence: 2n, lastSequence: 8n });
const frame = (at: number, { session = 'a', gaps = [] as (typeof gap)[] } = {}) => ({
  session,
  format: undefined,
  frame: create(FrameSchema, { capturedAtUnixMicros: BigInt(at * 1000) }),
  gaps,
});

test('a long gap is not waited out', () => {
  expect(missingBetween(frame(0), frame(5000, { gaps: [gap] }), 7)).toEqual({
    gaps: [gap],
    from: 0,
    until: 5000,
    seenAt: 7,
  });
  expect(missingBetween(frame(0), frame(5000, { session: 'b' }), 7)?.until).toBe(5000);
});

test('a short gap, and a slow stream, are waited for', () => {
  expect(missingBetween(frame(0), frame(300, { gaps: [gap] }), 0)).toBeUndefined();
  expect(missingBetween(frame(0), frame(5000), 0)).toBeUndefined();
  expect(missingBetween(undefined, frame(5000), 0)).toBeUndefined();
});

test('a session whose clock was set back is not waited for either', () => {
  expect(missingBetween(frame(90_000), frame(0, { session: 'b' }), 0)).toBeDefined();
});

test('a time in a gap is told from one with frames', () => {
  expect(missingAt(1000, frame(1033), 0)).toBeUndefined();
  expect(missingAt(1000, frame(9000, { gaps: [gap] }), 0)?.gaps).toEqual([gap]);
});
