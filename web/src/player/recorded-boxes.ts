import type { Client } from '@connectrpc/connect';
import type { Recordings } from '../gen/framewire/v1/recordings_pb';
import type { Moment } from '../server/looked';
import { ResultFeed } from '../server/result-feed';
import type { Overlay } from './overlay';
import { seenAt } from './seen';

/** Shows over recorded frames what the processors made of them. Owned by the panel of the recording, while something is played. */
export class RecordedBoxes {
  readonly #feed: ResultFeed;
  #frame: Moment | undefined;

  constructor(
    client: Client<typeof Recordings>,
    stream: string,
    private readonly overlay: Overlay,
    private wanted: boolean,
  ) {
    this.#feed = new ResultFeed(client, stream, () => {
      this.refresh();
    });
  }

  /** Whether anything is shown. */
  set on(on: boolean) {
    if (on === this.wanted) return;
    this.wanted = on;
    this.refresh();
  }

  /** When the newest recorded frame was captured. */
  set edge(edge: number) {
    this.#feed.edge = edge;
  }

  /** A frame was painted. */
  show(frame: Moment): void {
    this.#frame = frame;
    if (this.wanted) this.overlay.show(frame, seenAt(this.#feed.at(frame.capturedAt), frame));
  }

  /** More is known, or wanted, of the frame on screen. */
  refresh(): void {
    if (!this.wanted) this.overlay.clear();
    else if (this.#frame) this.show(this.#frame);
  }

  close(): void {
    this.#feed.close();
    this.overlay.clear();
  }
}
