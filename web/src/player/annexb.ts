const spsType = 7;

/** The sequence parameter set (ITU-T H.264, 7.3.2.1) of an access unit in Annex B form, from its header byte on, if it has one. */
export function findSps(unit: Uint8Array): Uint8Array | undefined {
  for (let start = nextNal(unit, 0); start < unit.length; start = nextNal(unit, start)) {
    if (((unit[start] ?? 0) & 0x1f) !== spsType) continue;
    const next = nextNal(unit, start);
    let end = next < unit.length ? next - 3 : unit.length;
    // A start code may have four bytes, and zeros may trail: a NAL unit never ends in one.
    while (end > start && unit[end - 1] === 0) end--;
    return unit.subarray(start, end);
  }
  return undefined;
}

/** The codec string of WebCodecs (RFC 6381): profile, constraints and level, the three bytes after the header. */
export function codecOf(sps: Uint8Array): string | undefined {
  if (sps.length < 4) return undefined;
  return 'avc1.' + [...sps.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a?.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Where the first NAL unit that starts after `from` has its header byte; the length of `unit` if there is none. */
function nextNal(unit: Uint8Array, from: number): number {
  for (let i = from; i + 3 < unit.length; i++)
    if (unit[i] === 0 && unit[i + 1] === 0 && unit[i + 2] === 1) return i + 3;
  return unit.length;
}
