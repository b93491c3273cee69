import { expect, test } from 'vitest';
import { ticksOf } from './ticks';

const at = (hour: number, minute = 0, second = 0, ms = 0) => new Date(2026, 2, 9, hour, minute, second, ms).getTime();
const labels = (from: number, until: number) => ticksOf({ from, until }, 6).map(({ label }) => label);

test('an hour has its round minutes', () => {
  expect(labels(at(14, 3), at(15, 3))).toEqual(['14:10', '14:20', '14:30', '14:40', '14:50', '15:00']);
});

test('seconds and tenths are told where they are needed', () => {
  expect(labels(at(14, 3, 20), at(14, 3, 30))).toEqual([
    '14:03:20',
    '14:03:22',
    '14:03:24',
    '14:03:26',
    '14:03:28',
    '14:03:30',
  ]);
  expect(labels(at(14, 3, 20), at(14, 3, 21)).slice(0, 2)).toEqual(['14:03:20.0', '14:03:20.2']);
});

test('midnight is told as the date, and so are days', () => {
  expect(labels(at(22), at(27))).toEqual(['22:00', '23:00', '03-10', '01:00', '02:00', '03:00']);
  expect(labels(at(1), at(4 * 24))).toEqual(['03-10', '03-11', '03-12', '03-13']);
});
