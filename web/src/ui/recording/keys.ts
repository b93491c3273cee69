import type { Finding } from '../../gen/framewire/v1/recordings_pb';
import { lengthOf, middleOf, type Stretch } from './stretch';

/** What a person asks of the timeline; all times are milliseconds since 1970. */
export interface TimelineActs {
  seek(at: number): void;
  live(): void;
  pan(by: number): void;
  zoom(factor: number, anchor: number): void;
  select(stretch: Stretch): void;
  toggle(): void;
  step(direction: 1 | -1): void;
  /** Goes to a finding. */
  jump(finding: Finding): void;
  /** Goes to the next finding, or the one before. */
  find(direction: 1 | -1): void;
}

/** What the timeline shows, and where its playhead is. */
export interface Shown {
  view: Stretch;
  extent: Stretch;
  playhead: number;
}

/** An arrow moves by this part of the view, but a second at least; a page by ten of it. */
const part = 0.01;
const least = 1000;

/** What a key does to the timeline; undefined if nothing. */
export function actOfKey(
  key: string,
  shift: boolean,
  { view, extent, playhead }: Shown,
  acts: TimelineActs,
): (() => void) | undefined {
  const step = Math.max(least, lengthOf(view) * part);
  const isSeen = playhead >= view.from && playhead <= view.until;
  const to = (at: number) => () => {
    acts.seek(at);
  };
  const arrow = (direction: 1 | -1) => () => {
    if (shift) acts.pan(direction * lengthOf(view) * part * 10);
    else acts.seek(playhead + direction * step);
  };
  const zoom = (factor: number) => () => {
    acts.zoom(factor, isSeen ? playhead : middleOf(view));
  };
  const frame = (direction: 1 | -1) => () => {
    acts.step(direction);
  };
  const finding = (direction: 1 | -1) => () => {
    acts.find(direction);
  };
  const table: Record<string, () => void> = {
    ArrowLeft: arrow(-1),
    ArrowDown: arrow(-1),
    ArrowRight: arrow(1),
    ArrowUp: arrow(1),
    PageDown: to(playhead - 10 * step),
    PageUp: to(playhead + 10 * step),
    Home: to(extent.from),
    End: () => {
      acts.live();
    },
    '+': zoom(0.5),
    '=': zoom(0.5),
    '-': zoom(2),
    ' ': () => {
      acts.toggle();
    },
    ',': frame(-1),
    '.': frame(1),
    p: finding(-1),
    n: finding(1),
  };
  return table[key];
}
