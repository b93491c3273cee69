import { fit, type Decoder, type FrameNote, type Screen } from './picture';

/** Shows JPEG frames: one at a time is decoded, by the browser, and of those that come meanwhile only the newest waits. */
export class JpegDecoder implements Decoder {
  #busy = false;
  #closed = false;
  #waiting: { payload: Uint8Array; note: FrameNote } | undefined;

  constructor(private readonly screen: Screen) {}

  decode(payload: Uint8Array, note: FrameNote): void {
    const startsAsJpeg = payload[0] === 0xff && payload[1] === 0xd8;
    if (!startsAsJpeg) this.screen.broken();
    else if (note.replayed) return;
    else if (this.#busy) this.#waiting = { payload, note };
    else void this.#run(payload, note);
  }

  get waiting(): number {
    return Number(this.#busy);
  }

  flush(): void {
    // Holds nothing back.
  }

  close(): void {
    this.#closed = true;
    this.#waiting = undefined;
  }

  async #run(payload: Uint8Array, note: FrameNote): Promise<void> {
    this.#busy = true;
    try {
      const bitmap = await createImageBitmap(new Blob([payload as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }));
      if (this.#closed) bitmap.close();
      else this.#show(bitmap, note);
    } catch {
      this.screen.broken();
    }
    this.#busy = false;

    const next = this.#waiting;
    this.#waiting = undefined;
    if (next) void this.#run(next.payload, next.note);
  }

  #show(bitmap: ImageBitmap, note: FrameNote): void {
    this.screen.show({
      note,
      paint: (canvas, context) => {
        fit(canvas, bitmap.width, bitmap.height);
        context.drawImage(bitmap, 0, 0);
      },
      release: () => {
        bitmap.close();
      },
    });
  }
}
