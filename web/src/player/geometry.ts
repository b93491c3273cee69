/** Lengths in any unit. */
export interface Size {
  width: number;
  height: number;
}

/** A rectangle, by its upper left corner. */
export interface Rectangle extends Size {
  x: number;
  y: number;
}

/** How far outside of the picture a box is drawn, in widths and heights of it: what a canvas is told must not be without bounds. */
const outside = 1;

/** Where a picture lies in an element that shows it whole and in its middle, as `object-fit: contain` says. */
export function containedIn(element: Size, picture: Size): Rectangle {
  const scale = Math.min(element.width / picture.width, element.height / picture.height);
  if (!Number.isFinite(scale)) return { x: 0, y: 0, width: 0, height: 0 };
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { x: (element.width - width) / 2, y: (element.height - height) / 2, width, height };
}

/** Where a box that is given in shares of the picture lies in the element. */
export function placed(box: Rectangle, picture: Rectangle): Rectangle {
  const [left, right] = [inBounds(box.x), inBounds(box.x + box.width)];
  const [top, bottom] = [inBounds(box.y), inBounds(box.y + box.height)];
  return {
    x: picture.x + left * picture.width,
    y: picture.y + top * picture.height,
    width: (right - left) * picture.width,
    height: (bottom - top) * picture.height,
  };
}

/** Where a box's label begins: above it or, if there is no room, inside at its top; within the picture as far as it fits. */
export function labelAt(box: Rectangle, label: Size, picture: Rectangle): { x: number; y: number } {
  const right = picture.x + picture.width - label.width;
  const bottom = picture.y + picture.height - label.height;
  const above = box.y - label.height;
  return {
    x: Math.max(picture.x, Math.min(box.x, right)),
    y: Math.max(picture.y, Math.min(above >= picture.y ? above : box.y, bottom)),
  };
}

const inBounds = (share: number): number => Math.min(Math.max(share, -outside), 1 + outside);
