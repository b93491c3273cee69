import { expect, test } from 'vitest';
import { TimelinePointer } from './pointer';

const view = { from: 0, until: 1000 };

function pointer() {
  const done: unknown[] = [];
  const acts = {
    seek: (at: number) => done.push(['seek', at]),
    pan: (by: number) => done.push(['pan', by]),
    select: ({ from, until }: typeof view) => done.push(['select', from, until]),
  };
  return { done, pointer: new TimelinePointer(acts) };
}

test('a press that hardly moves seeks', () => {
  const { done, pointer: p } = pointer();
  p.down(50, false);
  p.move(52, view, 100);
  p.up(52, view, 100);

  expect(done).toEqual([['seek', 520]]);
});

test('a drag pans, and does not seek', () => {
  const { done, pointer: p } = pointer();
  p.down(50, false);
  p.move(60, view, 100);
  p.move(55, view, 100);
  p.up(55, view, 100);

  expect(done).toEqual([
    ['pan', -100],
    ['pan', 50],
  ]);
});

test('a drag with shift selects, either way', () => {
  const { done, pointer: p } = pointer();
  p.down(50, true);
  p.move(20, view, 100);
  p.up(20, view, 100);

  expect(done).toEqual([['select', 200, 500]]);
});

test('a pointer that is not pressed does nothing', () => {
  const { done, pointer: p } = pointer();
  p.move(20, view, 100);
  p.up(20, view, 100);

  expect(done).toEqual([]);
});
