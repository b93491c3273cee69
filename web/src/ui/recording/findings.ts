import type { Finding } from '../../gen/framewire/v1/recordings_pb';
import { scoreText } from '../../player/boxes';
import { millis } from '../../server/time';
import { ageText, timeText } from '../format';
import { xAt, type Stretch } from './stretch';

/** Neighbouring pixels of the timeline at which something was found. */
export interface Mark {
  x: number;
  width: number;
}

const narrowest = 2;
/** What was found less than this before the place of playback is where one is, milliseconds: the one before that is wanted. */
const here = 500;

export const startOf = ({ fromUnixMicros }: Finding): number => millis(fromUnixMicros);
const endOf = ({ untilUnixMicros }: Finding): number => millis(untilUnixMicros);

/** Where findings are marked: pixel by pixel, so that it costs the same however many there are. */
export function marksOf(view: Stretch, width: number, findings: readonly Finding[]): Mark[] {
  const columns = new Uint8Array(width);
  for (const finding of findings) {
    if (endOf(finding) < view.from || startOf(finding) > view.until) continue;
    const first = Math.floor(xAt(view, width, startOf(finding)));
    const last = Math.max(Math.floor(xAt(view, width, endOf(finding))), first + narrowest - 1);
    columns.fill(1, Math.max(first, 0), last + 1);
  }
  const marks: Mark[] = [];
  for (let x = columns.indexOf(1); x >= 0; x = columns.indexOf(1, x)) {
    const end = columns.indexOf(0, x);
    marks.push({ x, width: (end < 0 ? width : end) - x });
    x = end < 0 ? width : end;
  }
  return marks;
}

/** The finding before or behind a time, by where they begin; undefined if there is none. */
export const findingBeside = (findings: readonly Finding[], at: number, direction: 1 | -1): Finding | undefined =>
  direction > 0
    ? findings.find((finding) => startOf(finding) > at + 1)
    : findings.findLast((finding) => startOf(finding) < at - here);

/** The finding that is at a time or, if none is, the nearest one that is not further away than `reach`. */
export function findingAt(findings: readonly Finding[], at: number, reach: number): Finding | undefined {
  let [nearest, least] = [undefined as Finding | undefined, reach];
  for (const finding of findings) {
    const distance = Math.max(startOf(finding) - at, at - endOf(finding), 0);
    if (distance > least || (nearest && distance === least)) continue;
    [nearest, least] = [finding, distance];
  }
  return nearest;
}

/** A finding in one line. */
export function findingText(finding: Finding, now: number): string {
  const { label, processor, most, maxScore } = finding;
  const length = endOf(finding) - startOf(finding);
  const score = scoreText(maxScore);
  return [
    `${label || 'something'}${most > 1 ? ` ×${most}` : ''} ${timeText(startOf(finding), now)}`,
    ...(length > 0 ? [ageText(length)] : []),
    ...(score ? [`score up to ${score}`] : []),
    `by ${processor}`,
  ].join(' · ');
}

/** What came of a search, in a few words. */
export function foundText(findings: readonly Finding[] | undefined, more: boolean, error: string | undefined): string {
  if (error !== undefined) return `The search failed: ${error}`;
  if (!findings) return 'looking…';
  if (!findings.length) return 'nothing found in the time shown';
  if (more) return `the first ${findings.length} findings; zoom in for others`;
  return `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`;
}
