import { expect, test } from 'vitest';
import { History } from './history';

test('the columns are seconds before the newest row, then a column a line', () => {
  const history = new History(2);
  history.add(1000, [1, null]);
  history.add(2000, [2, 20]);

  expect(history.columns()).toEqual([
    [-1, 0],
    [1, 2],
    [null, 20],
  ]);
  expect([history.newest(0), history.newest(1)]).toEqual([2, 20]);
});

test('what is older than a minute is let go', () => {
  const history = new History(1);
  history.add(0, [1]);
  history.add(1000, [2]);
  history.add(61_000, [3]);

  expect(history.columns()).toEqual([
    [-60, 0],
    [2, 3],
  ]);
});

test('an empty history has nothing to draw', () => {
  expect(new History(1).columns()).toEqual([[], []]);
  expect(new History(1).newest(0)).toBeNull();
});
