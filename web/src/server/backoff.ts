const first = 200;
const longest = 2000;

/** Milliseconds to wait before attempt number `attempt` (1 is the first retry); `random` is in [0, 1). */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(longest, first * 2 ** (attempt - 1));
  return ceiling * (0.5 + random / 2);
}
