import { expect, test } from 'vitest';
import { ResultWindows, windowLength, type ResultWindow } from './result-windows';

const edge = 1_000_000;
const window = (from: number, change: Partial<ResultWindow> = {}): ResultWindow => ({
  ...{ from, until: from + windowLength, edge, askedAt: 0, looked: [] },
  ...change,
});

test('what is not known is wanted from shortly before', () => {
  expect(new ResultWindows().wanted(50_000, edge, 0)).toBe(49_000);
});

test('the stretch behind the known one is wanted ahead of time, once', () => {
  const windows = new ResultWindows();
  windows.put(window(49_000));
  expect(windows.wanted(50_000, edge, 0)).toBe(59_000);

  windows.put(window(59_000));
  expect(windows.wanted(50_000, edge, 0)).toBeUndefined();
  expect(windows.wanted(60_000, edge, 0)).toBe(69_000);
});

test('a jump elsewhere is wanted anew, and only so much is kept', () => {
  const windows = new ResultWindows();
  for (const from of [0, 100_000, 200_000, 300_000, 400_000]) windows.put(window(from));

  expect(windows.wanted(5000, edge, 0)).toBe(4000);
  expect(windows.at(405_000)).toEqual([]);
});

test('what was looked at last is kept', () => {
  const looked = [{ session: 's', sequence: 1n, capturedAt: 1000, results: [] }];
  const windows = new ResultWindows();
  windows.put(window(0, { looked }));
  for (const from of [100_000, 200_000, 300_000, 400_000]) {
    expect(windows.at(5000)).toEqual(looked);
    windows.put(window(from));
  }
});

test('a window that was cut short goes on where it ended', () => {
  const windows = new ResultWindows();
  windows.put(window(49_000, { until: 49_400 }));

  expect(windows.wanted(50_000, edge, 0)).toBe(49_400);
});

test('what still grows is read again, not too often, and only if it has grown', () => {
  const windows = new ResultWindows();
  windows.put(window(edge - 5000));
  const at = edge - 1000;

  expect(windows.wanted(at, edge, 5000)).toBeUndefined();
  expect(windows.wanted(at, edge + 2500, 500)).toBeUndefined();
  expect(windows.wanted(at, edge + 2500, 1500)).toBe(edge - 5000);
});
