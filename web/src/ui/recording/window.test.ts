import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { RecordedSpanSchema } from '../../gen/framewire/v1/recordings_pb';
import { Window } from './window';

const hour = 3_600_000;
const spans = (until: number) => [
  create(RecordedSpanSchema, { fromUnixMicros: 1n, untilUnixMicros: BigInt(until * 1000) }),
];
function windowOf(hours: number): Window {
  const window = new Window();
  window.grow(spans(hours * hour), undefined);
  return window;
}

test('it shows the last hour and goes along', () => {
  const window = windowOf(10);
  expect(window.view).toEqual({ from: 9 * hour, until: 10 * hour });

  window.grow(spans(11 * hour), undefined);
  expect(window.view).toEqual({ from: 10 * hour, until: 11 * hour });
});

test('once it was moved to the past it stays there', () => {
  const window = windowOf(10);
  window.pan(-2 * hour);
  window.grow(spans(11 * hour), undefined);

  expect([window.view, window.preset]).toEqual([{ from: 7 * hour, until: 8 * hour }, undefined]);

  window.toEnd();
  expect(window.view?.until).toBe(11 * hour);
});

test('what changes nothing leaves the preset', () => {
  const window = windowOf(10);
  window.reveal(9.5 * hour);
  window.pan(5);

  expect(window.preset).toBe('hour');
});

test('a gap is shown with room around it', () => {
  const window = windowOf(10);
  window.show({ from: 5 * hour, until: 5.5 * hour });

  expect(window.view).toEqual({ from: 4.75 * hour, until: 5.75 * hour });
});

test('where nothing is recorded there is nothing to show', () => {
  const window = windowOf(10);
  window.grow([], undefined);

  expect([window.view, window.extent]).toEqual([undefined, undefined]);
});
