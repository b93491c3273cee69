import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { RecordedGapSchema, RecordedSpanSchema } from '../../gen/framewire/v1/recordings_pb';
import { boundsOf, timeAt, xAt } from './stretch';
import { extentOf, grown, panned, revealing, viewOf, zoomed } from './view';

const hour = 3_600_000;
const extent = { from: 0, until: 30 * hour };
const span = (from: number, until: number) =>
  create(RecordedSpanSchema, { fromUnixMicros: BigInt(from * 1000), untilUnixMicros: BigInt(until * 1000) });

test('a time has its place, and a place its time', () => {
  const view = { from: 1000, until: 3000 };

  expect(xAt(view, 500, 2000)).toBe(250);
  expect(timeAt(view, 500, 250)).toBe(2000);
});

test('the presets show the newest', () => {
  expect(viewOf('hour', extent)).toEqual({ from: 29 * hour, until: 30 * hour });
  expect(viewOf('day', extent)).toEqual({ from: 6 * hour, until: 30 * hour });
  expect(viewOf('all', extent)).toEqual(extent);
  expect(viewOf('day', { from: 0, until: hour })).toEqual({ from: 0, until: hour });
});

test('zooming keeps the time under the pointer', () => {
  const view = zoomed({ from: 10 * hour, until: 20 * hour }, extent, 0.5, 12 * hour);

  expect(view).toEqual({ from: 11 * hour, until: 16 * hour });
  expect(zoomed(view, extent, 100, 12 * hour)).toEqual(extent);
  expect(zoomed(view, extent, 1e-9, 12 * hour).until - 12 * hour).toBeLessThan(1000);
});

test('panning ends at the ends', () => {
  const view = { from: 10 * hour, until: 20 * hour };

  expect(panned(view, extent, hour)).toEqual({ from: 11 * hour, until: 21 * hour });
  expect(panned(view, extent, 99 * hour)).toEqual({ from: 20 * hour, until: 30 * hour });
  expect(panned(view, extent, -99 * hour)).toEqual({ from: 0, until: 10 * hour });
});

test('what shows the newest goes on to, what shows the past stays', () => {
  const after = { from: 0, until: 31 * hour };

  expect(grown({ from: 29 * hour, until: 30 * hour }, extent, after).until).toBe(31 * hour);
  expect(grown({ from: 1 * hour, until: 2 * hour }, extent, after)).toEqual({ from: hour, until: 2 * hour });
});

test('a playhead that leaves the view turns it on', () => {
  const view = { from: 10 * hour, until: 20 * hour };

  expect(revealing(view, extent, 15 * hour)).toBe(view);
  expect(revealing({ from: 0, until: 10 * hour }, extent, 10.5 * hour)).toEqual({
    from: 9.5 * hour,
    until: 19.5 * hour,
  });
});

test('the extent goes until now only where frames come', () => {
  const spans = [span(5000, 9000), span(40_000, 60_000)];

  expect(extentOf(spans, undefined)).toEqual({ from: 5000, until: 60_000 });
  expect(extentOf(spans, 70_000)).toEqual({ from: 5000, until: 70_000 });
  expect(extentOf([span(70_000, 70_000)], undefined)).toEqual({ from: 60_000, until: 70_000 });
  expect(extentOf([], 1)).toBeUndefined();
});

test('a gap of which one side is not known has no length', () => {
  expect(boundsOf(create(RecordedGapSchema, { untilUnixMicros: 5_000n }))).toEqual({ from: 5, until: 5 });
});
