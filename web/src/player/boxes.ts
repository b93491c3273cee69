import type { DrawnBox } from '../diagnostics';
import type { Detection } from '../gen/framewire/v1/result_pb';
import type { Seen } from './seen';

/** More boxes than this are not drawn: the page must not freeze. */
export const mostBoxes = 1000;
const longestLabel = 32;

/** The boxes of what was seen: the solid ones last, so that they lie above. What is no rectangle is left out. */
export function boxesOf(seen: readonly Seen[]): DrawnBox[] {
  const boxes: DrawnBox[] = [];
  for (const own of [true, false])
    for (const one of seen) {
      if (one.own !== own) continue;
      for (const detection of one.result.detections) {
        if (boxes.length >= mostBoxes) return boxes.reverse();
        const box = boxOf(detection, one);
        if (box) boxes.push(box);
      }
    }
  return boxes.reverse();
}

function boxOf({ box, label, score, trackId }: Detection, { result, sequence, own }: Seen): DrawnBox | undefined {
  if (!box) return undefined;
  const { x, y, width, height } = box;
  if (![x, y, width, height].every(Number.isFinite) || width < 0 || height < 0) return undefined;
  return { processor: result.processor, label, score, trackId, x, y, width, height, sequence, dashed: !own };
}

/** What stands at a box: "person 0.87 #12". */
export function boxText({ label, score, trackId }: Pick<DrawnBox, 'label' | 'score' | 'trackId'>): string {
  return [shortened(label), scoreText(score), trackId ? `#${trackId}` : ''].filter(Boolean).join(' ');
}

/** Two digits; nothing if there is no score. */
export function scoreText(score: number): string {
  if (!Number.isFinite(score) || score === 0) return '';
  return Math.abs(score) < 1e6 ? score.toFixed(2) : score.toExponential(2);
}

const shortened = (label: string): string =>
  label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label;
