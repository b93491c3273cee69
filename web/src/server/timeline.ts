import { Code, ConnectError, type Client } from '@connectrpc/connect';
import type { RecordedGap, RecordedSpan, Recordings } from '../gen/framewire/v1/recordings_pb';
import { millis, pageNow } from './time';

const patience = 10_000;
const interval = 2500;
/** A long answer is asked for less often. */
const longInterval = 15_000;
const long = 1000;

/** How long to wait before a timeline of so many spans and gaps is asked for again, milliseconds. */
export const timelineInterval = (entries: number): number => (entries > long ? longInterval : interval);

/**
 * What is recorded of one stream and what is missing, asked for again and again while the page is in view: spans grow, gaps are filled
 * in. Owned by the stream's page. Fires "change" after each answer.
 */
export class TimelineFeed extends EventTarget {
  /** True once the server has said what there is, be it nothing. */
  known = false;
  spans: readonly RecordedSpan[] = [];
  gaps: readonly RecordedGap[] = [];

  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  /** The server's clock minus the page's, milliseconds. */
  #offset = 0;
  readonly #shown = () => {
    this.start();
  };

  constructor(
    private readonly client: Client<typeof Recordings>,
    private readonly stream: string,
  ) {
    super();
    document.addEventListener('visibilitychange', this.#shown);
  }

  /** Now by the server's clock, milliseconds since 1970. */
  get now(): number {
    return pageNow() + this.#offset;
  }

  start(): void {
    this.#stop();
    if (!document.hidden) void this.#ask();
  }

  close(): void {
    this.#stop();
    document.removeEventListener('visibilitychange', this.#shown);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    let off = false;
    try {
      const options = { timeoutMs: patience, signal: asking.signal };
      const answer = await this.client.timeline({ stream: this.stream }, options);
      this.#offset = millis(answer.serverTimeUnixMicros) - pageNow();
      this.#tell(answer.spans, answer.gaps);
    } catch (error) {
      if (asking.signal.aborted) return;
      const { code } = ConnectError.from(error);
      off = code === Code.Unimplemented;
      if (code === Code.NotFound) this.#tell([], []);
    }
    const wait = timelineInterval(this.spans.length + this.gaps.length);
    if (!off) this.#timer = setTimeout(() => void this.#ask(), wait);
  }

  #tell(spans: readonly RecordedSpan[], gaps: readonly RecordedGap[]): void {
    this.known = true;
    this.spans = spans;
    this.gaps = gaps;
    this.dispatchEvent(new Event('change'));
  }
}
