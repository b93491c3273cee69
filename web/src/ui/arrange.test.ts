import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { StreamStatusSchema } from '../gen/framewire/v1/viewing_pb';
import { arrange, arrangementOf, queryOf, type Order } from './arrange';

const now = 100_000;
const stream = (name: string, online: boolean, ageMs: number, bitRate: number) =>
  create(StreamStatusSchema, { name, online, bitRate, lastCapturedAtUnixMicros: BigInt((now - ageMs) * 1000) });
const streams = [
  stream('yard', true, 80, 2.04e6),
  stream('road-2', true, 40, 8e6),
  stream('road-1', false, 9000, 0),
  stream('door', true, 300, 2.01e6),
];
const names = (order: Order, search = '') => arrange(streams, { order, search }, now).map(({ name }) => name);

test('the wall is sorted by name, age, bit rate, or with what is offline first', () => {
  expect(names('name')).toEqual(['door', 'road-1', 'road-2', 'yard']);
  expect(names('age')).toEqual(['door', 'road-2', 'yard', 'road-1']);
  expect(names('rate')).toEqual(['road-2', 'door', 'yard', 'road-1']);
  expect(names('offline')).toEqual(['road-1', 'door', 'road-2', 'yard']);
});

test('the search keeps what has the text in its name', () => {
  expect(names('name', ' ROAD')).toEqual(['road-1', 'road-2']);
  expect(names('name', 'none')).toEqual([]);
});

test('the arrangement is kept in the query, beside whatever else is there', () => {
  const query = queryOf({ order: 'rate', search: 'a&b' }, new URLSearchParams('codecs=jpeg&sort=age'));

  expect(query).toBe('?codecs=jpeg&sort=rate&search=a%26b');
  expect(arrangementOf(new URLSearchParams(query))).toEqual({ order: 'rate', search: 'a&b' });
});

test('what is as usual is left out of the query, and nonsense in it is as usual', () => {
  expect(queryOf({ order: 'name', search: '' }, new URLSearchParams('sort=age'))).toBe('');
  expect(arrangementOf(new URLSearchParams('sort=nonsense'))).toEqual({ order: 'name', search: '' });
});
