import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';

const memory = 5000;

/**
 * The list to show: what the server listed, and for five seconds more, as offline, what it listed before. A server that was
 * restarted knows no stream until the publishers are back; their pictures should not blink meanwhile.
 * `missingSince` is the caller's to keep from one answer to the next.
 */
export function remember(
  shown: readonly StreamStatus[],
  listed: readonly StreamStatus[],
  missingSince: Map<string, number>,
  now: number,
): StreamStatus[] {
  const names = new Set(listed.map(({ name }) => name));
  for (const name of names) missingSince.delete(name);

  const kept: StreamStatus[] = [];
  for (const status of shown) {
    if (names.has(status.name)) continue;
    const since = missingSince.get(status.name) ?? now;
    missingSince.set(status.name, since);
    if (now - since <= memory) kept.push(offline(status));
    else missingSince.delete(status.name);
  }
  return [...listed, ...kept].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function offline(status: StreamStatus): StreamStatus {
  const since = status.offlineSinceUnixMicros || status.lastReceivedAtUnixMicros;
  return { ...status, online: false, offlineSinceUnixMicros: since };
}
