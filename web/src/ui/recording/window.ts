import type { RecordedSpan } from '../../gen/framewire/v1/recordings_pb';
import { extentOf, grown, panned, revealing, viewOf, zoomed, type Preset } from './view';
import { lengthOf, middleOf, type Stretch } from './stretch';

/** The part of the recording that the timeline shows: by a preset until somebody moves it. Owned by the panel. */
export class Window {
  /** All that is recorded; undefined while nothing is. */
  extent: Stretch | undefined;
  view: Stretch | undefined;
  preset: Preset | undefined = 'hour';

  /** `moved` is called when somebody has moved the view. */
  constructor(private readonly moved: () => void = () => undefined) {}

  /** Takes in what is recorded now; `now` by the server's clock if the stream is live. */
  grow(spans: readonly RecordedSpan[], now: number | undefined): void {
    const before = this.extent;
    const extent = (this.extent = extentOf(spans, now));
    if (!extent) this.view = undefined;
    else if (this.preset || !this.view || !before) this.view = viewOf(this.preset ?? 'all', extent);
    else this.view = grown(this.view, before, extent);
  }

  set(preset: Preset): void {
    this.preset = preset;
    if (this.extent) this.view = viewOf(preset, this.extent);
    this.moved();
  }

  pan(by: number): void {
    this.#change((view, extent) => panned(view, extent, by));
  }

  zoom(factor: number, anchor: number): void {
    this.#change((view, extent) => zoomed(view, extent, factor, anchor));
  }

  /** Turns on to a time that has left the view. */
  reveal(time: number): void {
    this.#change((view, extent) => revealing(view, extent, time));
  }

  /** Shows a stretch with some room around it. */
  show(stretch: Stretch): void {
    const room = Math.max(lengthOf(stretch) * 2, 10_000);
    this.#change((view, extent) => {
      const middle = middleOf(stretch);
      const there = panned(view, extent, middle - middleOf(view));
      return zoomed(there, extent, room / lengthOf(there), middle);
    });
  }

  toEnd(): void {
    const { extent, view } = this;
    if (extent && view && view.until < extent.until) this.pan(extent.until - view.until);
  }

  #change(change: (view: Stretch, extent: Stretch) => Stretch): void {
    if (!this.view || !this.extent) return;
    const view = change(this.view, this.extent);
    if (view.from === this.view.from && view.until === this.view.until) return;
    this.view = view;
    this.preset = undefined;
    this.moved();
  }
}
