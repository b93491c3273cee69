import { Code, ConnectError, type Client } from '@connectrpc/connect';
import type { StreamStatus, Viewing } from '../gen/framewire/v1/viewing_pb';
import { retryDelay } from './backoff';
import type { ServerClock } from './clock';
import { remember } from './remember';
import { millis, pageNow } from './time';

const interval = 1000;
const patience = 3000;

/**
 * The streams that the server knows, asked for once a second while the page is in view; what it is asked also sets the clock.
 * Owned by the server link. Fires "change" after each answer and each failure.
 */
export class StreamDirectory extends EventTarget {
  /** By name; undefined until the server has answered once. */
  streams: StreamStatus[] | undefined;
  /** The port for the command line tools; undefined until the server has answered once. */
  grpcPort: number | undefined;
  /** Whether the server wants to know first who asks. */
  loginNeeded = false;
  /** Why the server does not answer whoever is logged in, in its words; undefined if it does. */
  refusal: string | undefined;
  /** Since when the server does not answer, by the page's clock; undefined if it does. */
  unreachableSince: number | undefined;

  readonly #missingSince = new Map<string, number>();
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  constructor(
    private readonly client: Client<typeof Viewing>,
    private readonly clock: ServerClock,
  ) {
    super();
    document.addEventListener('visibilitychange', () => {
      this.#stop();
      if (document.hidden) return;
      this.clock.forget();
      void this.#ask();
    });
  }

  start(): void {
    if (!document.hidden) void this.#ask();
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const sentAt = pageNow();
    try {
      const answer = await this.client.listStreams({}, { timeoutMs: patience, signal: asking.signal });
      const answeredAt = pageNow();
      this.clock.learn(sentAt, answeredAt, millis(answer.serverTimeUnixMicros));
      this.streams = remember(this.streams ?? [], answer.streams, this.#missingSince, answeredAt);
      this.grpcPort = answer.grpcPort;
      this.unreachableSince = undefined;
      this.loginNeeded = false;
      this.refusal = undefined;
      this.#failures = 0;
    } catch (error) {
      // Whatever the reason, there is one thing to do: say so and try again.
      if (asking.signal.aborted) return;
      const { code, rawMessage } = ConnectError.from(error);
      this.loginNeeded = code === Code.Unauthenticated;
      this.refusal = code === Code.PermissionDenied ? rawMessage : undefined;
      if (!this.loginNeeded && !this.refusal) this.unreachableSince ??= pageNow();
      this.#failures++;
    }
    this.#timer = setTimeout(
      () => void this.#ask(),
      this.#failures ? retryDelay(this.#failures, Math.random()) : interval,
    );
    this.dispatchEvent(new Event('change'));
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }
}
