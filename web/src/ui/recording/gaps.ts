import { DropReason } from '../../gen/framewire/v1/frame_pb';
import type { RecordedGap, RecordedSpan } from '../../gen/framewire/v1/recordings_pb';
import type { Missing } from '../../player/missing';
import { millis } from '../../server/time';
import { ageText, codecText, countText, dropText, none, sizeText, timeText } from '../format';
import { boundsOf, lengthOf } from './stretch';

/** What a gap is, as far as it looks different: the later ones are worse. */
export const gapKinds = ['nobody', 'pending', 'dropped', 'lost'] as const;
export type GapKind = (typeof gapKinds)[number];

/** The kinds of gaps in words. */
export const kindTexts: Record<GapKind, string> = {
  nobody: 'no publisher',
  pending: 'not here (yet)',
  dropped: 'dropped by the publisher',
  lost: 'lost',
};

const lost: readonly DropReason[] = [DropReason.POWER_LOST, DropReason.NOT_RECORDED, DropReason.REJECTED];

const reasonTexts: Partial<Record<DropReason, string>> = {
  [DropReason.LATE]: 'dropped as late',
  [DropReason.SUPERSEDED]: 'passed over for a newer frame',
  [DropReason.OVERFLOW]: 'the publisher’s memory was full',
  [DropReason.AWAITING_KEYFRAME]: 'dropped up to the next keyframe',
  [DropReason.DISCONNECTED]: 'grew too old without a connection',
  [DropReason.REJECTED]: 'refused by the server',
  [DropReason.ABANDONED]: 'the publisher ended first',
  [DropReason.SPOOL_FULL]: 'the spool was full',
  [DropReason.NOT_RECORDED]: 'came while the server could not record',
};

export function kindOf({ firstSequence, reason }: RecordedGap): GapKind {
  if (firstSequence === 0n) return 'nobody';
  if (reason === DropReason.UNSPECIFIED) return 'pending';
  return lost.includes(reason) ? 'lost' : 'dropped';
}

/** Why it is missing, in plain words. */
export function reasonText(gap: RecordedGap): string {
  const kind = kindOf(gap);
  if (kind === 'nobody' || kind === 'pending') return kindTexts[kind];
  return reasonTexts[gap.reason] ?? dropText(gap.reason);
}

/** The number of frames that are missing; nobody knows it where there was no publisher. */
export const framesText = ({ firstSequence, lastSequence }: RecordedGap): string => {
  if (firstSequence === 0n) return none;
  const frames = lastSequence - firstSequence + 1n;
  return `${countText(frames)} ${frames === 1n ? 'frame' : 'frames'}`;
};

export const lengthText = (gap: RecordedGap): string => {
  const length = lengthOf(boundsOf(gap));
  if (length > 0 && length < 1000) return `${Math.ceil(length)} ms`;
  return length > 0 ? ageText(length) : none;
};

/** A gap in one line. */
export function gapText(gap: RecordedGap, now: number): string {
  const { from, until } = boundsOf(gap);
  const [begins, ends] = [timeText(from, now), timeText(until, now)];
  const times = begins === ends ? begins : `${begins} – ${ends}`;
  const frames = gap.firstSequence ? `${framesText(gap)} · ` : '';
  return `missing ${times} (${lengthText(gap)}) · ${frames}${reasonText(gap)}`;
}

/** A span in one line. */
export function spanText({ fromUnixMicros, untilUnixMicros, frames, format }: RecordedSpan, now: number): string {
  const [from, until] = [millis(fromUnixMicros), millis(untilUnixMicros)];
  const shape = `${codecText(format)} ${sizeText(format)}`;
  return `recorded ${timeText(from, now)} – ${timeText(until, now)} · ${countText(frames)} frames · ${shape}`;
}

/** What playback went over, in one line. */
export function missingText({ gaps, from, until }: Missing): string {
  if (until < from) return 'the publisher’s clock was set back here';
  const reasons = [...new Set(gaps.map(reasonText))];
  return `${ageText(until - from)} missing${reasons.length ? `: ${reasons.join(', ')}` : ''}`;
}

/** What there is at a time: the shortest gap that is not further away than `reach`, else the span. */
export function whatIsAt(
  time: number,
  reach: number,
  spans: readonly RecordedSpan[],
  gaps: readonly RecordedGap[],
): { gap: RecordedGap } | { span: RecordedSpan } | undefined {
  let gap: RecordedGap | undefined;
  for (const candidate of gaps) {
    const { from, until } = boundsOf(candidate);
    if (time < from - reach || time > until + reach) continue;
    if (!gap || until - from < lengthOf(boundsOf(gap))) gap = candidate;
  }
  if (gap) return { gap };
  const span = spans.find(
    ({ fromUnixMicros, untilUnixMicros }) =>
      time >= millis(fromUnixMicros) - reach && time <= millis(untilUnixMicros) + reach,
  );
  return span && { span };
}
