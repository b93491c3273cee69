import { expect, test } from 'vitest';
import { isStreamName } from './name';
import { routeOf } from './route';

test('a name is 1 to 64 of a-z 0-9 - _, the first one a letter or digit', () => {
  for (const name of ['a', '0', 'road-2_north', 'x'.repeat(64)]) expect(isStreamName(name)).toBe(true);
  for (const name of ['', '-a', '_a', 'A', 'a b', 'a/b', 'a\n', 'é', 'x'.repeat(65)])
    expect(isStreamName(name)).toBe(false);
});

test('an address is the wall, a stream, or something no stream can be called', () => {
  expect(routeOf('/')).toEqual({ page: 'wall' });
  expect(routeOf('/view/road')).toEqual({ page: 'stream', name: 'road' });
  expect(routeOf('/view/%3Cb%3E')).toEqual({ page: 'misnamed', text: '<b>' });
  expect(routeOf('/view/%')).toEqual({ page: 'misnamed', text: '%' });
  expect(routeOf('/view/')).toEqual({ page: 'misnamed', text: '' });
});
