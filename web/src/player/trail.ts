/** What the trail needs to know of a frame. */
export interface TrailFrame {
  session: string;
  frame: { sequence: bigint; keyframe: boolean; payload: { length: number } };
}

/** How much is kept for going back; the newest keyframe's group always is, up to the second limit. */
const keptBytes = 24e6;
const mostBytes = 128e6;

/**
 * The frames that were played last, still encoded, and which of them is shown: for stepping without asking the server. Owned by
 * playback.
 */
export class Trail<F extends TrailFrame> {
  #entries: { item: F; decodable: boolean }[] = [];
  #cursor = -1;
  #bytes = 0;

  /** The frame that is shown. */
  get current(): F | undefined {
    return this.#entries[this.#cursor]?.item;
  }

  /** The newest frame. */
  get last(): F | undefined {
    return this.#entries.at(-1)?.item;
  }

  /** Whether nothing can be decoded of the frame that is shown: a delta frame whose forerunner is missing. */
  get isDecodable(): boolean {
    return this.#entries[this.#cursor]?.decodable ?? false;
  }

  /** Appends a frame and goes there. */
  push(item: F): void {
    const previous = this.#entries.at(-1);
    const follows =
      previous?.decodable === true &&
      previous.item.session === item.session &&
      previous.item.frame.sequence + 1n === item.frame.sequence;
    this.#entries.push({ item, decodable: item.frame.keyframe || follows });
    this.#cursor = this.#entries.length - 1;
    this.#bytes += item.frame.payload.length;
    this.#trim();
  }

  /** The frame behind the one that is shown, if it was played already. */
  get ahead(): F | undefined {
    return this.#entries[this.#cursor + 1]?.item;
  }

  /** Goes to the frame behind the one that is shown. */
  forward(): void {
    if (this.ahead) this.#cursor++;
  }

  /** Goes to the next lower frame that can be shown; false, and nothing happens, if it is not here. */
  back(): boolean {
    for (let i = this.#cursor - 1; i >= 0; i--)
      if (this.#entries[i]?.decodable) {
        this.#cursor = i;
        return true;
      }
    return false;
  }

  /** What must be decoded to show the current frame: from its keyframe on, itself last. */
  run(): F[] {
    let from = this.#cursor;
    while (from > 0 && !this.#entries[from]?.item.frame.keyframe) from--;
    return this.#entries.slice(Math.max(from, 0), this.#cursor + 1).map(({ item }) => item);
  }

  clear(): void {
    this.#entries = [];
    this.#cursor = -1;
    this.#bytes = 0;
  }

  #trim(): void {
    while (this.#bytes > keptBytes) {
      let next = this.#entries.findIndex(({ item }, i) => i > 0 && item.frame.keyframe);
      if (next < 0 && this.#bytes > mostBytes) next = this.#cursor;
      if (next <= 0) return;
      for (const { item } of this.#entries.splice(0, next)) this.#bytes -= item.frame.payload.length;
      this.#cursor -= next;
    }
  }
}
