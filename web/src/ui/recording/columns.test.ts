import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { DropReason } from '../../gen/framewire/v1/frame_pb';
import { RecordedGapSchema, RecordedSpanSchema } from '../../gen/framewire/v1/recordings_pb';
import { runsOf } from './columns';

const times = (from: number, until: number) => ({
  fromUnixMicros: BigInt(from * 1000),
  untilUnixMicros: BigInt(until * 1000),
});
const span = (from: number, until: number) => create(RecordedSpanSchema, times(from, until));
const gap = (from: number, until: number, reason = DropReason.UNSPECIFIED, firstSequence = 1n) =>
  create(RecordedGapSchema, { ...times(from, until), reason, firstSequence });

test('what looks the same is one run', () => {
  const spans = [span(0, 199), span(200, 399), span(700, 999)];
  const runs = runsOf({ from: 0, until: 1000 }, 10, spans, [gap(400, 699, DropReason.UNSPECIFIED, 0n)]);

  expect(runs).toEqual([
    { x: 0, width: 4, recorded: true, gap: undefined },
    { x: 4, width: 3, recorded: false, gap: 'nobody' },
    { x: 7, width: 3, recorded: true, gap: undefined },
  ]);
});

test('the shortest gap has a pixel, and the worst reason counts', () => {
  const gaps = [gap(500, 501, DropReason.POWER_LOST), gap(500, 502, DropReason.LATE)];

  expect(runsOf({ from: 0, until: 1_000_000 }, 10, [span(0, 1_000_000)], gaps)[0]).toEqual({
    x: 0,
    width: 1,
    recorded: true,
    gap: 'lost',
  });
});

test('what is outside of the view is not drawn', () => {
  expect(runsOf({ from: 1000, until: 2000 }, 10, [span(0, 900)], [gap(2100, 2200)])).toEqual([]);
});

test('ten thousand spans and gaps take no more than a few milliseconds', () => {
  const spans = Array.from({ length: 10_000 }, (_, i) => span(i * 100, i * 100 + 60));
  const gaps = Array.from({ length: 10_000 }, (_, i) => gap(i * 100 + 60, i * 100 + 100));
  const startedAt = performance.now();
  const runs = runsOf({ from: 0, until: 1_000_000 }, 1200, spans, gaps);

  expect(runs.length).toBeLessThanOrEqual(1200);
  expect(performance.now() - startedAt).toBeLessThan(200);
});
