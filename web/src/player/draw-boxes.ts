import type { DrawnBox } from '../diagnostics';
import { boxText } from './boxes';
import { colourOf } from './colours';
import { labelAt, placed, type Rectangle } from './geometry';

/** More labels than this would cover the picture. */
const mostLabels = 100;
const letters = 12;
const padding = 4;
const labelHeight = letters + 5;
const line = 2;
/** What is not of the frame on screen is less sure. */
const dimmed = 0.6;
const dash = [7, 5];

/** Draws boxes over a picture that lies there, and nothing outside of it. Lengths are the page's pixels. */
export function drawBoxes(context: CanvasRenderingContext2D, boxes: readonly DrawnBox[], picture: Rectangle): void {
  context.save();
  context.beginPath();
  context.rect(picture.x, picture.y, picture.width, picture.height);
  context.clip();
  for (const box of boxes) drawFrame(context, box, placed(box, picture));
  context.font = `600 ${letters}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  for (const box of boxes.slice(-mostLabels)) drawLabel(context, box, picture);
  context.restore();
}

/** A coloured line on a wider dark one can be seen on any picture. */
function drawFrame(
  context: CanvasRenderingContext2D,
  { label, dashed }: DrawnBox,
  { x, y, width, height }: Rectangle,
): void {
  context.globalAlpha = dashed ? dimmed : 1;
  context.setLineDash(dashed ? dash : []);
  context.strokeStyle = 'rgb(0 0 0 / 65%)';
  context.lineWidth = 2 * line;
  context.strokeRect(x, y, width, height);
  context.strokeStyle = colourOf(label);
  context.lineWidth = line;
  context.strokeRect(x, y, width, height);
}

function drawLabel(context: CanvasRenderingContext2D, box: DrawnBox, picture: Rectangle): void {
  const text = boxText(box);
  if (!text) return;
  const width = context.measureText(text).width + 2 * padding;
  const { x, y } = labelAt(placed(box, picture), { width, height: labelHeight }, picture);
  context.globalAlpha = box.dashed ? dimmed : 1;
  context.fillStyle = colourOf(box.label);
  context.fillRect(x - line / 2, y, width, labelHeight);
  context.fillStyle = '#000000';
  context.fillText(text, x - line / 2 + padding, y + labelHeight / 2 + 0.5);
}
