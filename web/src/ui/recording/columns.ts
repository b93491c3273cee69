import type { RecordedGap, RecordedSpan } from '../../gen/framewire/v1/recordings_pb';
import { millis } from '../../server/time';
import { gapKinds, kindOf, type GapKind } from './gaps';
import { boundsOf, xAt, type Stretch } from './stretch';

/** Neighbouring pixels of the timeline that look the same. */
export interface Run {
  x: number;
  width: number;
  recorded: boolean;
  /** The worst that is missing there. */
  gap: GapKind | undefined;
}

/**
 * What the timeline shows, pixel by pixel, so that it costs the same however much there is. The shortest span and the shortest gap
 * have a pixel each: no gap is too short to be seen.
 */
export function runsOf(
  view: Stretch,
  width: number,
  spans: readonly RecordedSpan[],
  gaps: readonly RecordedGap[],
): Run[] {
  // The first bit says recorded, the rest is the gap's kind, from 1.
  const columns = new Uint8Array(width);
  const each = (from: number, until: number, change: (value: number) => number) => {
    if (until < view.from || from > view.until) return;
    const first = Math.max(0, Math.floor(xAt(view, width, from)));
    const last = Math.min(width - 1, Math.floor(xAt(view, width, until)));
    for (let x = first; x <= last; x++) columns[x] = change(columns[x] ?? 0);
  };
  for (const { fromUnixMicros, untilUnixMicros } of spans)
    each(millis(fromUnixMicros), millis(untilUnixMicros), (value) => value | 1);
  for (const gap of gaps) {
    const { from, until } = boundsOf(gap);
    const kind = gapKinds.indexOf(kindOf(gap)) + 1;
    each(from, until, (value) => (value & 1) | (Math.max(value >> 1, kind) << 1));
  }
  return merged(columns);
}

function merged(columns: Uint8Array): Run[] {
  const runs: Run[] = [];
  for (let x = 0; x < columns.length;) {
    const value = columns[x] ?? 0;
    let end = x + 1;
    while (end < columns.length && columns[end] === value) end++;
    if (value) runs.push({ x, width: end - x, recorded: (value & 1) === 1, gap: gapKinds[(value >> 1) - 1] });
    x = end;
  }
  return runs;
}
