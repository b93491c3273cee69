import { expect, test } from 'vitest';
import { containedIn, labelAt, placed } from './geometry';

test('a picture lies whole in the middle of its element', () => {
  expect(containedIn({ width: 1600, height: 900 }, { width: 640, height: 480 })).toEqual({
    ...{ x: 200, y: 0, width: 1200, height: 900 },
  });
  expect(containedIn({ width: 390, height: 844 }, { width: 1280, height: 720 })).toEqual({
    ...{ x: 0, y: 312.3125, width: 390, height: 219.375 },
  });
  expect(containedIn({ width: 800, height: 450 }, { width: 1600, height: 900 })).toEqual({
    ...{ x: 0, y: 0, width: 800, height: 450 },
  });
});

test('what has no size yet lies nowhere', () => {
  const nowhere = { x: 0, y: 0, width: 0, height: 0 };

  expect(containedIn({ width: 0, height: 0 }, { width: 0, height: 0 })).toEqual(nowhere);
  expect(containedIn({ width: 100, height: 100 }, { width: 0, height: 0 })).toEqual(nowhere);
});

test('a box goes along with the picture', () => {
  const picture = containedIn({ width: 1600, height: 900 }, { width: 640, height: 480 });

  expect(placed({ x: 0, y: 0, width: 1, height: 1 }, picture)).toEqual(picture);
  expect(placed({ x: 0.5, y: 0.25, width: 0.25, height: 0.5 }, picture)).toEqual({
    ...{ x: 800, y: 225, width: 300, height: 450 },
  });
});

test('a box may be partly outside, but not without bounds', () => {
  const picture = { x: 0, y: 0, width: 100, height: 100 };

  expect(placed({ x: -0.1, y: 0.9, width: 0.2, height: 0.2 }, picture)).toMatchObject({ x: -10, y: 90 });
  const { x, y, width, height } = placed({ x: -1e30, y: 3e38, width: 3e38, height: 3e38 }, picture);
  for (const length of [x, y, x + width, y + height]) expect(Math.abs(length)).toBeLessThanOrEqual(200);
});

test('a label lies above its box, or within it where there is no room, and never outside of the picture', () => {
  const picture = { x: 10, y: 20, width: 200, height: 100 };
  const label = { width: 60, height: 16 };

  expect(labelAt({ x: 50, y: 60, width: 30, height: 30 }, label, picture)).toEqual({ x: 50, y: 44 });
  expect(labelAt({ x: 50, y: 25, width: 30, height: 30 }, label, picture)).toEqual({ x: 50, y: 25 });
  expect(labelAt({ x: 190, y: 60, width: 30, height: 30 }, label, picture)).toEqual({ x: 150, y: 44 });
  expect(labelAt({ x: -90, y: 300, width: 30, height: 30 }, label, picture)).toEqual({ x: 10, y: 104 });
  expect(labelAt({ x: 50, y: 60, width: 30, height: 30 }, { width: 500, height: 16 }, picture)).toEqual({
    ...{ x: 10, y: 44 },
  });
});
