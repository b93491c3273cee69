/** The page's clock, milliseconds since 1970; it never steps while the page is open. */
export const pageNow = (): number => performance.timeOrigin + performance.now();

/** Microseconds of the wire as milliseconds; exact to the microsecond until the year 2255. */
export const millis = (micros: bigint): number => Number(micros) / 1000;

/** Milliseconds as microseconds of the wire. */
export const micros = (ms: number): bigint => BigInt(Math.round(ms * 1000));
