import { expect, test } from 'vitest';
import { Trail, type TrailFrame } from './trail';

/** K: keyframe, d: delta frame, -: missing; the first has sequence 1. */
function trailOf(text: string, length = 10): Trail<TrailFrame> {
  const trail = new Trail<TrailFrame>();
  text.split('').forEach((letter, i) => {
    const frame = { sequence: BigInt(i + 1), keyframe: letter === 'K', payload: { length } };
    if (letter !== '-') trail.push({ session: 's', frame });
  });
  return trail;
}
const sequence = (item: TrailFrame | undefined) => Number(item?.frame.sequence ?? 0);

test('a frame is decoded from its keyframe on', () => {
  const trail = trailOf('KddKdd');

  expect(trail.run().map(sequence)).toEqual([4, 5, 6]);
  expect([trail.back(), trail.back(), trail.back()]).toEqual([true, true, true]);
  expect(trail.run().map(sequence)).toEqual([1, 2, 3]);
});

test('it goes back and forward by one frame', () => {
  const trail = trailOf('Kdd');
  trail.back();
  expect([sequence(trail.current), sequence(trail.ahead)]).toEqual([2, 3]);

  trail.forward();
  expect([sequence(trail.current), trail.ahead]).toEqual([3, undefined]);
});

test('it does not go back before what it has', () => {
  const trail = trailOf('K');

  expect(trail.back()).toBe(false);
  expect(sequence(trail.current)).toBe(1);
});

test('a delta frame whose forerunner is missing cannot be shown', () => {
  const trail = trailOf('Kd-ddK');
  trail.back();
  expect(sequence(trail.current)).toBe(2);
  trail.forward();
  expect([sequence(trail.current), trail.isDecodable]).toEqual([4, false]);
});

test('what is old goes, whole groups at a time', () => {
  const trail = trailOf('KddKddKd', 7e6);

  expect(trail.run().map(sequence)).toEqual([7, 8]);
  expect([trail.back(), trail.back()]).toEqual([true, false]);
});
