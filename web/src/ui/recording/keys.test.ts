import { expect, test } from 'vitest';
import { actOfKey } from './keys';

const shown = { view: { from: 0, until: 1_000_000 }, extent: { from: -5, until: 2_000_000 }, playhead: 500_000 };

function press(key: string, shift = false, playhead = shown.playhead): unknown[] {
  const done: unknown[] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) => {
      done.push(name, ...values);
    };
  const names = ['seek', 'live', 'pan', 'zoom', 'select', 'toggle', 'step'] as const;
  const acts = Object.fromEntries(names.map((name) => [name, note(name)])) as never;
  actOfKey(key, shift, { ...shown, playhead }, acts)?.();
  return done;
}

test('arrows and pages move the playhead', () => {
  expect(press('ArrowLeft')).toEqual(['seek', 490_000]);
  expect(press('PageUp')).toEqual(['seek', 600_000]);
  expect(press('Home')).toEqual(['seek', -5]);
  expect(press('End')).toEqual(['live']);
});

test('arrows with shift move the view', () => {
  expect(press('ArrowRight', true)).toEqual(['pan', 100_000]);
});

test('zooming keeps the playhead, or the middle if that is not in view', () => {
  expect(press('+')).toEqual(['zoom', 0.5, 500_000]);
  expect(press('-', false, 1_500_000)).toEqual(['zoom', 2, 500_000]);
});

test('space, comma and full stop are those of players', () => {
  expect([press(' '), press(','), press('.'), press('x')]).toEqual([['toggle'], ['step', -1], ['step', 1], []]);
});
