import { fit, type Decoder, type FrameNote, type Screen } from './picture';

/** Expands the pixels of one codec. */
export type Expand = (pixels: Uint8Array, rgba: Uint32Array) => void;

/** Shows grey and BGR frames. Nothing is expanded but what is really painted, into one buffer that is used again. */
export class RawDecoder implements Decoder {
  readonly #image: ImageData;
  readonly #rgba: Uint32Array;

  constructor(
    private readonly screen: Screen,
    width: number,
    height: number,
    private readonly bytesPerPixel: number,
    private readonly expand: Expand,
  ) {
    this.#image = new ImageData(width, height);
    this.#rgba = new Uint32Array(this.#image.data.buffer);
  }

  decode(payload: Uint8Array, note: FrameNote): void {
    if (payload.length !== this.#rgba.length * this.bytesPerPixel) {
      this.screen.broken();
      return;
    }
    if (note.replayed) return;
    this.screen.show({
      note,
      paint: (canvas, context) => {
        this.expand(payload, this.#rgba);
        fit(canvas, this.#image.width, this.#image.height);
        context.putImageData(this.#image, 0, 0);
      },
      release: () => undefined,
    });
  }

  get waiting(): number {
    return 0;
  }

  flush(): void {
    // Holds nothing back.
  }

  close(): void {
    // Holds nothing but memory.
  }
}
