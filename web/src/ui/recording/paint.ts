import type { GapKind } from './gaps';
import type { Run } from './columns';
import type { Mark } from './findings';
import type { Tick } from './ticks';
import { xAt, type Stretch } from './stretch';

/** The part of the height for the labels of the axis, and that of the mark of a gap too short to interrupt what is recorded. */
export const axisHeight = 18;
const markPart = 0.45;
/** Where findings are marked: a lane between what is recorded and the axis. */
export const laneHeight = 14;
/** The lane's marks leave this much free above and below them. */
const laneRoom = 2;

/** What is drawn: times are milliseconds, lengths the page's pixels. */
export interface Drawing {
  view: Stretch;
  runs: readonly Run[];
  ticks: readonly Tick[];
  /** Undefined if nothing is looked for: there is no lane then. */
  marks: readonly Mark[] | undefined;
  selection: Stretch | undefined;
  playhead: number | undefined;
  hover: number | undefined;
}

type Colour = (name: string) => string;

/** Draws the timeline. Each kind of gap has a pattern besides its colour; the style sheet draws the same in the legend. */
export function paintTimeline(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  drawing: Drawing,
): void {
  const style = getComputedStyle(context.canvas);
  const colour: Colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const bar = height - axisHeight - (drawing.marks ? laneHeight : 0);
  const { view, selection, playhead, hover } = drawing;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colour('page');
  context.fillRect(0, 0, width, bar);
  paintRuns(context, drawing.runs, bar, colour);
  paintTicks(context, drawing, width, height, colour);
  if (drawing.marks) paintMarks(context, drawing.marks, width, bar, colour);
  if (selection)
    paintSelection(context, xAt(view, width, selection.from), xAt(view, width, selection.until), bar, colour);
  if (hover !== undefined) paintLine(context, xAt(view, width, hover), bar, 1, colour('quiet'));
  if (playhead !== undefined && playhead >= view.from && playhead <= view.until)
    paintPlayhead(context, Math.min(Math.max(xAt(view, width, playhead), 2), width - 2), bar, colour);
}

function paintRuns(context: CanvasRenderingContext2D, runs: readonly Run[], bar: number, colour: Colour): void {
  const patterns = new Map<GapKind, string | CanvasPattern>();
  const patternOf = (kind: GapKind): string | CanvasPattern => {
    const known = patterns.get(kind) ?? patternFor(context, kind, colour);
    patterns.set(kind, known);
    return known;
  };
  for (const { x, width, recorded, gap } of runs) {
    context.fillStyle = colour('recorded');
    if (recorded) context.fillRect(x, 0, width, bar);
    if (!gap) continue;
    const top = recorded ? bar * (1 - markPart) : 0;
    context.fillStyle = colour('page');
    context.fillRect(x, top, width, bar - top);
    // A pattern needs some room to be seen: the short ones are plain.
    context.fillStyle = width < 3 ? colour(gap) : patternOf(gap);
    context.fillRect(x, top, width, bar - top);
  }
}

/** Nobody: dots. Pending: strokes. Dropped: bars. Lost: a grid. */
function patternFor(context: CanvasRenderingContext2D, kind: GapKind, colour: Colour): string | CanvasPattern {
  const size = 8;
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const paint = tile.getContext('2d');
  if (!paint) return colour(kind);
  paint.strokeStyle = paint.fillStyle = colour(kind);
  paint.lineWidth = 2;
  if (kind === 'nobody') paint.fillRect(3, 3, 2, 2);
  if (kind === 'dropped' || kind === 'lost') paint.fillRect(0, 0, 3, size);
  if (kind === 'lost') paint.fillRect(0, 0, size, 3);
  if (kind === 'pending') {
    paint.beginPath();
    for (const shift of [-size, 0, size]) {
      paint.moveTo(shift - 1, size + 1);
      paint.lineTo(shift + size + 1, -1);
    }
    paint.stroke();
  }
  return context.createPattern(tile, 'repeat') ?? colour(kind);
}

function paintMarks(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  width: number,
  top: number,
  colour: Colour,
): void {
  context.fillStyle = colour('lane');
  context.fillRect(0, top, width, laneHeight);
  context.fillStyle = colour('finding');
  for (const mark of marks) context.fillRect(mark.x, top + laneRoom, mark.width, laneHeight - 2 * laneRoom);
}

function paintTicks(
  context: CanvasRenderingContext2D,
  { view, ticks }: Drawing,
  width: number,
  height: number,
  colour: Colour,
): void {
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'alphabetic';
  for (const { at, label } of ticks) {
    const x = Math.round(xAt(view, width, at));
    context.fillStyle = colour('quiet');
    context.fillRect(x, height - axisHeight, 1, 4);
    const half = context.measureText(label).width / 2;
    if (x - half < 0 || x + half > width) continue;
    context.fillText(label, x - half, height - 2);
  }
}

function paintSelection(
  context: CanvasRenderingContext2D,
  from: number,
  until: number,
  bar: number,
  colour: Colour,
): void {
  context.globalAlpha = 0.3;
  context.fillStyle = colour('ink');
  context.fillRect(from, 0, until - from, bar);
  context.globalAlpha = 1;
  paintLine(context, from, bar, 1, colour('ink'));
  paintLine(context, until, bar, 1, colour('ink'));
}

function paintPlayhead(context: CanvasRenderingContext2D, x: number, bar: number, colour: Colour): void {
  paintLine(context, x, bar, 5, colour('sheet'));
  paintLine(context, x, bar, 2, colour('ink'));
  context.fillStyle = colour('ink');
  context.beginPath();
  context.moveTo(x - 6, 0);
  context.lineTo(x + 6, 0);
  context.lineTo(x, 8);
  context.fill();
}

function paintLine(context: CanvasRenderingContext2D, x: number, bar: number, width: number, colour: string): void {
  context.fillStyle = colour;
  context.fillRect(x - width / 2, 0, width, bar);
}
