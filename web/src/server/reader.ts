import { ConnectError, type Client } from '@connectrpc/connect';
import type { Format, Frame } from '../gen/framewire/v1/frame_pb';
import type { ReadResponse, RecordedGap, Recordings } from '../gen/framewire/v1/recordings_pb';
import { micros, pageNow } from './time';

/** How much is read ahead of what is shown. */
const mostFrames = 90;
const mostBytes = 8e6;

/** A place in a recording. */
export interface Place {
  session: string;
  sequence: bigint;
}

/** Where a reader begins: at a time of the publisher's clock (milliseconds since 1970), at a frame, or behind one. */
export type Beginning = { at: number } | { from: Place } | { after: Place };

/** A frame of a recording, with what the server said before it. */
export interface RecordedFrame {
  session: string;
  format: Format | undefined;
  frame: Frame;
  /** What is missing before it. */
  gaps: readonly RecordedGap[];
}

/** Reads a recording ahead, as far as its queue has room: the rest waits at the server. Owned by the one who takes from it. */
export class Reader {
  /** True if nothing more comes behind what is in the queue. */
  ended = false;
  /** Why it ended before the end of the recording. */
  error: ConnectError | undefined;

  readonly #abort = new AbortController();
  readonly #queue: RecordedFrame[] = [];
  #bytes = 0;
  #room: (() => void) | undefined;
  #session = '';
  #format: Format | undefined;
  #gaps: RecordedGap[] = [];
  #heardAt = pageNow();

  /** `arrived` is called whenever there is something new to see. */
  constructor(
    private readonly client: Client<typeof Recordings>,
    stream: string,
    private readonly beginning: Beginning,
    private readonly arrived: () => void,
  ) {
    void this.#read(stream);
  }

  get next(): RecordedFrame | undefined {
    return this.#queue[0];
  }

  take(): RecordedFrame | undefined {
    const item = this.#queue.shift();
    this.#bytes -= item?.frame.payload.length ?? 0;
    if (this.#room && !this.#isFull) {
      this.#heardAt = pageNow();
      this.#room();
      this.#room = undefined;
    }
    return item;
  }

  /** When the server was last heard, or began to be waited for, by the page's clock; `now` while nobody listens. */
  heardAt(now: number): number {
    return this.#isFull ? now : this.#heardAt;
  }

  close(): void {
    this.ended = true;
    this.#abort.abort();
    this.#room?.();
  }

  get #isFull(): boolean {
    return this.#queue.length >= mostFrames || (this.#bytes >= mostBytes && this.#queue.length > 1);
  }

  async #read(stream: string): Promise<void> {
    const start = startOf(this.beginning);
    try {
      for await (const response of this.client.read({ stream, start }, { signal: this.#abort.signal })) {
        this.#heardAt = pageNow();
        this.#take(response);
        if (this.#isFull) await new Promise<void>((resolve) => (this.#room = resolve));
        if (this.#abort.signal.aborted) return;
      }
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.error = ConnectError.from(error);
    }
    this.ended = true;
    this.arrived();
  }

  #take({ message }: ReadResponse): void {
    if (message.case === 'started') {
      this.#session = message.value.session;
      this.#format = message.value.format;
    } else if (message.case === 'gap') {
      this.#gaps.push(message.value);
    } else if (message.case === 'frame') {
      const gaps = this.#gaps;
      this.#gaps = [];
      const item = { session: this.#session, format: this.#format, frame: message.value, gaps };
      if ('after' in this.beginning && !isBehind(item, this.beginning.after)) return;
      this.#bytes += message.value.payload.length;
      this.#queue.push(item);
      this.arrived();
    }
  }
}

const isBehind = ({ session, frame }: RecordedFrame, place: Place): boolean =>
  session !== place.session || frame.sequence > place.sequence;

function startOf(beginning: Beginning) {
  if ('at' in beginning) return { case: 'fromUnixMicros' as const, value: micros(beginning.at) };
  return { case: 'fromPosition' as const, value: 'from' in beginning ? beginning.from : beginning.after };
}
