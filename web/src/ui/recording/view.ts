import type { RecordedSpan } from '../../gen/framewire/v1/recordings_pb';
import { millis } from '../../server/time';
import { lengthOf, type Stretch } from './stretch';

export const presets = ['hour', 'day', 'all'] as const;
/** What the timeline can be set to show; it keeps to the newest then. */
export type Preset = (typeof presets)[number];

const hour = 3_600_000;
const lengths: Record<Preset, number> = { hour, day: 24 * hour, all: Infinity };
const shortest = 1000;
/** The least that a timeline spans: one frame alone has no length. */
const shortestExtent = 10_000;

/** From the first to the last that is recorded; until `now` where frames still come. Undefined if nothing is. */
export function extentOf(spans: readonly RecordedSpan[], now: number | undefined): Stretch | undefined {
  const [first, last] = [spans[0], spans.at(-1)];
  if (!first || !last) return undefined;
  const from = millis(first.fromUnixMicros);
  const until = Math.max(millis(last.untilUnixMicros), now ?? 0);
  return { from: Math.min(from, until - shortestExtent), until };
}

/** The view moved and, if it must be, shortened, so that it shows nothing outside of the extent. */
function within(view: Stretch, extent: Stretch): Stretch {
  const length = Math.min(Math.max(lengthOf(view), shortest), lengthOf(extent));
  const from = Math.min(Math.max(view.from, extent.from), extent.until - length);
  return { from, until: from + length };
}

export const viewOf = (preset: Preset, extent: Stretch): Stretch =>
  within({ from: extent.until - Math.min(lengths[preset], lengthOf(extent)), until: extent.until }, extent);

/** Shows `factor` times as much, with the time `anchor` where it was. */
export function zoomed(view: Stretch, extent: Stretch, factor: number, anchor: number): Stretch {
  const length = Math.min(Math.max(lengthOf(view) * factor, shortest), lengthOf(extent));
  const part = (anchor - view.from) / lengthOf(view);
  const from = anchor - part * length;
  return within({ from, until: from + length }, extent);
}

export const panned = (view: Stretch, extent: Stretch, by: number): Stretch =>
  within({ from: view.from + by, until: view.until + by }, extent);

/** The view after the recording has grown: what shows the newest goes on to. */
export function grown(view: Stretch, before: Stretch, after: Stretch): Stretch {
  const atEnd = view.until >= before.until - lengthOf(view) / 1000;
  return panned(view, after, atEnd ? after.until - view.until : 0);
}

/** The view turned on like a page, if the time has left it. */
export function revealing(view: Stretch, extent: Stretch, time: number): Stretch {
  if (time >= view.from && time <= view.until) return view;
  return panned(view, extent, time - view.from - lengthOf(view) / 10);
}
