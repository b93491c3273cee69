/** Expands 8-bit luma into the canvas's red, green, blue, alpha; one 32-bit store a pixel, little-endian as every browser is. */
export function expandGray(luma: Uint8Array, rgba: Uint32Array): void {
  for (let i = 0; i < rgba.length; i++) rgba[i] = 0xff000000 | ((luma[i] ?? 0) * 0x010101);
}

/** Expands blue, green, red into the canvas's red, green, blue, alpha. */
export function expandBgr(bgr: Uint8Array, rgba: Uint32Array): void {
  for (let i = 0, b = 0; i < rgba.length; i++, b += 3)
    rgba[i] = 0xff000000 | ((bgr[b] ?? 0) << 16) | ((bgr[b + 1] ?? 0) << 8) | (bgr[b + 2] ?? 0);
}
