import { Code, type Client } from '@connectrpc/connect';
import type { Recordings } from '../gen/framewire/v1/recordings_pb';
import { isSilent } from '../server/lateness';
import { Reader, type Beginning, type RecordedFrame } from '../server/reader';
import { placeOf } from './place';
import { Trail } from './trail';

/** Why there is no next frame: behind the last one, none at all where it was begun, or a failure, in the server's words. */
export type End = { why: 'end' } | { why: 'nothing' } | { why: 'failed'; reason: string };

/** The recording as playback sees it: one frame is current, and there is one before and one behind it. Owned by playback. */
export class Tape {
  readonly #trail = new Trail<RecordedFrame>();
  #reader: Reader | undefined;
  #taken = 0;

  /** `arrived` is called when there is a next frame, or will be none. */
  constructor(
    private readonly client: Client<typeof Recordings>,
    private readonly stream: string,
    private readonly arrived: () => void,
  ) {}

  get current(): RecordedFrame | undefined {
    return this.#trail.current;
  }

  /** Whether the current frame can be decoded, given those before it. */
  get isDecodable(): boolean {
    return this.#trail.isDecodable;
  }

  /** What must be decoded for the current frame, itself last. */
  get run(): RecordedFrame[] {
    return this.#trail.run();
  }

  /** The next frame, if it is here. */
  get next(): RecordedFrame | undefined {
    return this.#trail.ahead ?? this.#reader?.next;
  }

  /** Makes the next frame the current one. */
  advance(): void {
    if (this.#trail.ahead) this.#trail.forward();
    else {
      const item = this.#reader?.take();
      if (item) this.#trail.push(item);
      this.#taken++;
    }
  }

  /** Makes the frame before the current one; false if it must be read. */
  back(): boolean {
    return this.#trail.back();
  }

  /** Begins anew. */
  begin(beginning: Beginning): void {
    this.#trail.clear();
    this.#open(beginning);
  }

  /** Reads on if it had stopped: there may be more by now. */
  carryOn(): void {
    const { last } = this.#trail;
    if (last && (!this.#reader || (this.#reader.ended && !this.#reader.next))) this.#open({ after: placeOf(last) });
  }

  /** Why there is no next frame and none will come; undefined if one may. */
  end(now: number): End | undefined {
    if (!this.#reader || this.next) return undefined;
    const { error, ended } = this.#reader;
    if (!ended) {
      const silent = isSilent(this.#reader.heardAt(now), now);
      return silent ? { why: 'failed', reason: 'the server does not answer' } : undefined;
    }
    if (!error) return { why: 'end' };
    if (error.code === Code.OutOfRange) return { why: this.#trail.current ? 'end' : 'nothing' };
    // A reader that stood still for long is let go by the server: another one does as well.
    if (!this.#taken) return { why: 'failed', reason: error.rawMessage };
    this.carryOn();
    return undefined;
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #open(beginning: Beginning): void {
    this.close();
    this.#taken = 0;
    this.#reader = new Reader(this.client, this.stream, beginning, this.arrived);
  }
}
