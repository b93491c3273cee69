import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ResultSchema, ResultState } from '../gen/framewire/v1/result_pb';
import type { Looked } from '../server/looked';
import { afterwards, putIn, seenAt } from './seen';

const result = (processor: string, state = ResultState.DONE) => create(ResultSchema, { processor, state });
const frame = (sequence: number, capturedAt: number, session = 's') => ({
  session,
  sequence: BigInt(sequence),
  capturedAt,
});
const looked = (sequence: number, capturedAt: number, results = [result('p')], session = 's'): Looked => ({
  ...frame(sequence, capturedAt, session),
  results,
});
/** "p3" is of the frame itself, "p3~" of frame 3 before it. */
const told = (all: readonly Looked[], at: ReturnType<typeof frame>) =>
  seenAt(all, at).map(({ result, sequence, own }) => `${result.processor}${sequence}${own ? '' : '~'}`);

test('a frame has its own results, and no later ones', () => {
  const all = [looked(1, 1000), looked(2, 1100), looked(3, 1200)];

  expect(told(all, frame(2, 1100))).toEqual(['p2']);
});

test('a frame that nobody looked at has those of the last before it, for half a second', () => {
  const all = [looked(1, 1000), looked(9, 1900)];

  expect(told(all, frame(3, 1200))).toEqual(['p1~']);
  expect(seenAt(all, frame(3, 1200))[0]?.left).toBe(300);
  expect(told(all, frame(6, 1500))).toEqual(['p1~']);
  expect(told(all, frame(7, 1501))).toEqual([]);
});

test('each processor has its own pace', () => {
  const all = [looked(1, 1000, [result('fast'), result('slow')]), looked(2, 1100, [result('fast')])];

  expect(told(all, frame(2, 1100))).toEqual(['fast2', 'slow1~']);
});

test('a processor that was busy or could not says nothing of the frame', () => {
  const states = [ResultState.SKIPPED, ResultState.FAILED];
  const all = [looked(1, 1000), ...states.map((state, i) => looked(2 + i, 1100 + i, [result('p', state)]))];

  expect(told(all, frame(3, 1101))).toEqual(['p1~']);
});

test('a processor that saw nothing has said so: what it saw before is over', () => {
  const all = [looked(1, 1000), looked(2, 1100)];

  expect(told(all, frame(3, 1150))).toEqual(['p2~']);
});

test('pictures come in the order of their capture, not of their sequences', () => {
  // A decoder gives back I1 B3 P2: P2 was sent before B3, which is shown first.
  const all: Looked[] = [];
  for (const item of [looked(1, 1000), looked(2, 1200), looked(3, 1100)]) putIn(all, item);

  expect(all.map(({ sequence }) => sequence)).toEqual([1n, 3n, 2n]);
  expect(told(all, frame(3, 1100))).toEqual(['p3']);
  expect(told(all, frame(4, 1150))).toEqual(['p3~']);
  expect(told(all, frame(2, 1200))).toEqual(['p2']);
});

test('of frames of the same instant each has its own', () => {
  const all = [looked(1, 1000), looked(2, 1000), looked(3, 1000)];

  expect([1, 2, 3].flatMap((sequence) => told(all, frame(sequence, 1000)))).toEqual(['p1', 'p2', 'p3']);
});

test('another session has nothing to do with it, whatever its sequences', () => {
  expect(told([looked(2, 1000)], frame(2, 1000, 'other'))).toEqual([]);
});

test('the same frame again takes the place of what was known of it', () => {
  const all = [looked(1, 1000), looked(2, 1000, [])];
  putIn(all, looked(2, 1000, [result('p')]));

  expect(all.map(({ sequence, results }) => [sequence, results.length])).toEqual([
    [1n, 1],
    [2n, 1],
  ]);
});

test('what is not of the frame on screen fades there, each in its time', () => {
  const all = [looked(1, 1000, [result('a')]), looked(2, 1200, [result('b')]), looked(3, 1300, [result('c')])];
  const seen = seenAt(all, frame(3, 1300));

  expect(afterwards(seen, 199).map(({ result }) => result.processor)).toEqual(['a', 'b', 'c']);
  expect(afterwards(seen, 200).map(({ result }) => result.processor)).toEqual(['b', 'c']);
  expect(afterwards(afterwards(seen, 200), 200).map(({ result }) => result.processor)).toEqual(['c']);
});
