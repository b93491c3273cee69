import { Code, ConnectError, type Client } from '@connectrpc/connect';
import type { Recordings } from '../gen/framewire/v1/recordings_pb';
import type { Result } from '../gen/framewire/v1/result_pb';
import type { Looked } from './looked';
import { ResultWindows, windowLength, type ResultWindow } from './result-windows';
import { micros, millis, pageNow } from './time';

const patience = 10_000;
/** After a failure nothing is asked for so long, milliseconds. */
const pause = 2000;
/** Results that are still shown on later frames: a window needs those of so long before it, milliseconds. */
const lead = 600;
/** No more than this is read at once, in detections or what is as large: the window is shorter then. */
const heaviest = 20_000;
/** So many letters are as large as a detection. */
const letters = 64;

/**
 * What the processors made of recorded frames, read around the place of playback and ahead of it. Owned by what shows the boxes, which
 * asks at each frame.
 */
export class ResultFeed {
  /** When the newest recorded frame was captured, as far as it is known; kept up to date by the owner. */
  edge = 0;

  readonly #windows = new ResultWindows();
  #asking: { from: number; abort: AbortController } | undefined;
  #notBefore = 0;

  /** `arrived` is called when there is something new to see. */
  constructor(
    private readonly client: Client<typeof Recordings>,
    private readonly stream: string,
    private readonly arrived: () => void,
  ) {}

  /** What is known at a time and shortly before, by time; what is missing is asked for. */
  at(time: number): readonly Looked[] {
    const now = pageNow();
    const from = this.#windows.wanted(time, this.edge, now);
    if (from !== undefined && now >= this.#notBefore && !this.#brings(time, from)) void this.#ask(from, now);
    return this.#windows.at(time);
  }

  close(): void {
    this.#asking?.abort.abort();
    this.#notBefore = Infinity;
  }

  /** Whether what is wanted is being read already; a jump elsewhere must not wait for what was wanted before it. */
  #brings(time: number, from: number): boolean {
    const asked = this.#asking?.from;
    return asked !== undefined && (from === asked || (time >= asked && time < asked + windowLength));
  }

  async #ask(from: number, now: number): Promise<void> {
    this.#asking?.abort.abort();
    const asking = (this.#asking = { from, abort: new AbortController() });
    const window: ResultWindow = { from, until: from + windowLength, edge: this.edge, askedAt: now, looked: [] };
    try {
      await this.#read(window, asking.abort);
    } catch (error) {
      if (this.#asking !== asking || this.#notBefore === Infinity) return;
      window.until = window.looked.at(-1)?.capturedAt ?? from;
      // A server that cannot say will not learn it; that it is away is for the directory to say.
      const isOff = ConnectError.from(error).code === Code.Unimplemented;
      this.#notBefore = isOff ? Infinity : pageNow() + pause;
    }
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    if (window.until > from) this.#windows.put(window);
    this.arrived();
  }

  async #read(window: ResultWindow, abort: AbortController): Promise<void> {
    const { from, until } = window;
    const request = { stream: this.stream, fromUnixMicros: micros(from - lead), untilUnixMicros: micros(until) };
    let weight = 0;
    for await (const frame of this.client.readResults(request, { signal: abort.signal, timeoutMs: patience })) {
      const { session, sequence, results } = frame;
      const capturedAt = millis(frame.capturedAtUnixMicros);
      // Nothing on the page shows it, and it may be large.
      for (const result of results) result.data = new Uint8Array();
      window.looked.push({ session, sequence, capturedAt, results });
      if (capturedAt <= from) continue;
      weight += results.reduce((sum, result) => sum + weightOf(result), 0);
      if (weight < heaviest) continue;
      window.until = Math.min(until, capturedAt);
      abort.abort();
      break;
    }
    window.looked.sort((a, b) => a.capturedAt - b.capturedAt);
  }
}

const weightOf = ({ detections, values }: Result): number =>
  1 + detections.length + Object.values(values).reduce((sum, value) => sum + value.length, 0) / letters;
