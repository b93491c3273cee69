import { Code, ConnectError, type Client } from '@connectrpc/connect';
import type { Recording, Recordings } from '../gen/framewire/v1/recordings_pb';

const interval = 5000;
const patience = 4000;

/**
 * What the server has on disk, asked for every few seconds while the page is in view; never again once the server says that it does
 * not record, or that this is not for whoever looks. Owned by the server link. Fires "change" after each answer.
 */
export class RecordingDirectory extends EventTarget {
  /** By the stream's name; undefined until the server has answered once, and if it does not record. */
  byStream: ReadonlyMap<string, Recording> | undefined;

  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #off = false;

  constructor(private readonly client: Client<typeof Recordings>) {
    super();
    document.addEventListener('visibilitychange', () => {
      this.start();
    });
  }

  start(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (!document.hidden && !this.#off) void this.#ask();
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const { recordings } = await this.client.list({}, { timeoutMs: patience, signal: asking.signal });
      this.byStream = new Map(recordings.map((recording) => [recording.stream, recording]));
      this.dispatchEvent(new Event('change'));
    } catch (error) {
      // That the server is away is for the stream directory to say; what was known of the disk stays true.
      if (asking.signal.aborted) return;
      this.#off = [Code.Unimplemented, Code.PermissionDenied, Code.Unauthenticated].includes(
        ConnectError.from(error).code,
      );
    }
    if (!this.#off) this.#timer = setTimeout(() => void this.#ask(), interval);
  }
}
