import { expect, test } from 'vitest';
import { colourOf, palette } from './colours';

/** Contrast with black by WCAG 2.2. */
function contrastWithBlack(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) / 0.05;
}

test('black letters can be read on each colour', () => {
  for (const colour of palette) expect(contrastWithBlack(colour)).toBeGreaterThan(7);
});

test('a label has the same colour on every page', () => {
  expect(['person', 'car', 'motion'].map(colourOf)).toEqual(['#a5b4fc', '#7dd3fc', '#bef264']);
  expect(palette).toContain(colourOf('𝔭erson\u0000<b>'));
});

test('labels that are alike do not share a colour more often than others', () => {
  const colours = Array.from({ length: 120 }, (_, i) => colourOf(`n${i}`));
  for (const colour of palette) expect(colours.filter((other) => other === colour).length).toBeLessThan(30);
  expect(new Set(colours).size).toBe(palette.length);
});
