/** What the graphs show, seconds. */
export const graphSeconds = 60;

/** A value for each line of a graph; null where there is none. */
export type Row = readonly (number | null)[];

/** The measurements of the last minute, for one graph. */
export class History {
  #rows: { at: number; values: Row }[] = [];

  constructor(private readonly lines: number) {}

  /** Adds a row measured at `at`, milliseconds, and lets go of what is too old to show. */
  add(at: number, values: Row): void {
    this.#rows = this.#rows.filter((row) => at - row.at <= graphSeconds * 1000);
    this.#rows.push({ at, values });
  }

  /** The newest value of a line. */
  newest(line: number): number | null {
    return this.#rows.at(-1)?.values[line] ?? null;
  }

  /** Seconds before the newest row (0, and negative), then each line's values. */
  columns(): [number[], ...(number | null)[][]] {
    const end = this.#rows.at(-1)?.at ?? 0;
    const lines = Array.from({ length: this.lines }, (_, line) => this.#rows.map(({ values }) => values[line] ?? null));
    return [this.#rows.map(({ at }) => (at - end) / 1000), ...lines];
  }
}
