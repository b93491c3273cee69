import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';
import { millis } from '../server/time';

export const orders = ['name', 'age', 'rate', 'offline'] as const;
/** How the wall is sorted. */
export type Order = (typeof orders)[number];

/** What the wall shows of the streams, as kept in the page's address. */
export interface Arrangement {
  order: Order;
  search: string;
}

export function arrangementOf(query: URLSearchParams): Arrangement {
  const asked = query.get('sort');
  return { order: orders.find((order) => order === asked) ?? 'name', search: query.get('search') ?? '' };
}

/** The query with the arrangement in it; what is as usual is left out, whatever else is there is kept. */
export function queryOf({ order, search }: Arrangement, current: URLSearchParams): string {
  const query = new URLSearchParams(current);
  query.delete('sort');
  query.delete('search');
  if (order !== 'name') query.set('sort', order);
  if (search) query.set('search', search);
  return query.size ? `?${query.toString()}` : '';
}

/** The streams whose name has the search text, in order; `now` is the server's time, milliseconds. */
export function arrange(streams: readonly StreamStatus[], { order, search }: Arrangement, now: number): StreamStatus[] {
  const wanted = search.trim().toLowerCase();
  const key = keys[order];
  return streams
    .filter(({ name }) => name.includes(wanted))
    .map((stream) => ({ stream, key: key(stream, now) }))
    .sort((a, b) => a.key - b.key || (a.stream.name < b.stream.name ? -1 : 1))
    .map(({ stream }) => stream);
}

// Whole seconds and tenths of a megabit: tiles that differ by less keep their places instead of swapping each second.
const keys: Record<Order, (stream: StreamStatus, now: number) => number> = {
  name: () => 0,
  age: ({ lastCapturedAtUnixMicros }, now) => Math.max(0, Math.floor((now - millis(lastCapturedAtUnixMicros)) / 1000)),
  rate: ({ bitRate }) => -Math.round(bitRate / 1e5),
  offline: ({ online }) => Number(online),
};
