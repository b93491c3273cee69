import { expect, test } from 'vitest';
import { expandBgr, expandGray } from './pixels';

test('grey becomes equal red, green and blue, opaque', () => {
  const rgba = new Uint32Array(3);
  expandGray(Uint8Array.of(0, 0x80, 0xff), rgba);

  expect([...new Uint8Array(rgba.buffer)]).toEqual([0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
});

test('blue, green, red become red, green, blue, opaque', () => {
  const rgba = new Uint32Array(2);
  expandBgr(Uint8Array.of(1, 2, 3, 250, 251, 252), rgba);

  expect([...new Uint8Array(rgba.buffer)]).toEqual([3, 2, 1, 255, 252, 251, 250, 255]);
});
