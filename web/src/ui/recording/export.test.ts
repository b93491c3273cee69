import { expect, test } from 'vitest';
import { exportPath, inputText, inputTime, wholeSeconds } from './export';

test('the export is asked for in microseconds', () => {
  const stretch = { from: 1_770_000_000_000, until: 1_770_000_060_500 };

  expect(exportPath('cam', stretch, false)).toBe(
    '/recordings/cam/export.mp4?from=1770000000000000&until=1770000060500000',
  );
  expect(exportPath('cam', stretch, true)).toMatch(/&encode=h264$/);
});

test('a stretch is widened to whole seconds', () => {
  expect(wholeSeconds({ from: 1234, until: 2001 })).toEqual({ from: 1000, until: 3000 });
});

test('a local time goes into an input and back', () => {
  const at = new Date(2026, 2, 9, 7, 5, 3).getTime();

  expect(inputText(at)).toBe('2026-03-09T07:05:03');
  expect(inputTime(inputText(at))).toBe(at);
  expect(inputTime('')).toBeUndefined();
});
