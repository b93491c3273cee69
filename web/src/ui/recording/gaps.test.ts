import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { DropReason } from '../../gen/framewire/v1/frame_pb';
import { RecordedGapSchema, RecordedSpanSchema } from '../../gen/framewire/v1/recordings_pb';
import { framesText, gapText, kindOf, missingText, reasonText, spanText, whatIsAt } from './gaps';

const noon = new Date(2026, 2, 9, 12).getTime();
const micros = (seconds: number) => BigInt(noon + seconds * 1000) * 1000n;
const gap = (from: number, until: number, first = 0n, last = 0n, reason = DropReason.UNSPECIFIED) =>
  create(RecordedGapSchema, {
    fromUnixMicros: micros(from),
    untilUnixMicros: micros(until),
    firstSequence: first,
    lastSequence: last,
    reason,
  });
const span = (from: number, until: number) =>
  create(RecordedSpanSchema, { fromUnixMicros: micros(from), untilUnixMicros: micros(until), frames: 1800n });

const nobody = gap(0, 130);
const pending = gap(0, 1, 5n, 5n);
const power = gap(0, 10, 5n, 300n, DropReason.POWER_LOST);

test('a gap is told honestly', () => {
  expect([nobody, pending, power, gap(0, 1, 1n, 2n, DropReason.LATE)].map(kindOf)).toEqual([
    'nobody',
    'pending',
    'lost',
    'dropped',
  ]);
  expect([nobody, pending, power].map(reasonText)).toEqual(['no publisher', 'not here (yet)', 'lost with the power']);
  expect([nobody, pending, power].map(framesText)).toEqual(['–', '1 frame', '296 frames']);
});

test('gaps and spans are told in a line', () => {
  expect(gapText(nobody, noon)).toBe('missing 12:00:00 – 12:02:10 (2 min 10 s) · no publisher');
  expect(gapText(power, noon)).toBe('missing 12:00:00 – 12:00:10 (10.0 s) · 296 frames · lost with the power');
  expect(gapText(gap(0, 0.4, 2n, 3n), noon)).toBe('missing 12:00:00 (400 ms) · 2 frames · not here (yet)');
  expect(spanText(span(0, 60), noon)).toMatch(/^recorded 12:00:00 – 12:01:00 · 1\s800 frames · /);
});

test('playback tells what it went over', () => {
  const missing = { from: 0, until: 130_000, seenAt: 0 };

  expect(missingText({ ...missing, gaps: [pending, power, power] })).toBe(
    '2 min 10 s missing: not here (yet), lost with the power',
  );
  expect(missingText({ ...missing, gaps: [] })).toBe('2 min 10 s missing');
  expect(missingText({ ...missing, until: -1, gaps: [] })).toMatch(/set back/);
});

test('of what is at a time the shortest gap is told first', () => {
  const [spans, gaps] = [
    [span(-100, 0), span(130, 200)],
    [nobody, power],
  ];
  const at = (seconds: number) => whatIsAt(noon + seconds * 1000, 2000, spans, gaps);

  expect(at(5)).toEqual({ gap: power });
  expect(at(60)).toEqual({ gap: nobody });
  expect(at(150)).toEqual({ span: spans[1] });
  expect(at(500)).toBeUndefined();
});
