import { isStreamName } from './name';

/** What the address asks for. */
export type Route = { page: 'wall' } | { page: 'stream'; name: string } | { page: 'misnamed'; text: string };

const prefix = '/view/';

export function routeOf(path: string): Route {
  if (!path.startsWith(prefix)) return { page: 'wall' };
  const text = decoded(path.slice(prefix.length));
  return isStreamName(text) ? { page: 'stream', name: text } : { page: 'misnamed', text };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
