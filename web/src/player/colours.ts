/** Bright enough for black letters, and told apart from each other; see the test. */
export const palette = [
  '#5eead4',
  '#fdba74',
  '#c4b5fd',
  '#f9a8d4',
  '#bef264',
  '#7dd3fc',
  '#fde047',
  '#fca5a5',
  '#86efac',
  '#e9b7ff',
  '#d6c08d',
  '#a5b4fc',
] as const;

/** The colour of a label: always the same for the same one, on every page. By the hash FNV-1a. */
export function colourOf(label: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  // The low bits of similar labels are alike.
  return palette[((hash ^ (hash >>> 15)) >>> 0) % palette.length] ?? palette[0];
}
