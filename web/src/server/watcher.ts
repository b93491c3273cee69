import { Code, ConnectError, type Client } from '@connectrpc/connect';
import type { Codec, Frame } from '../gen/framewire/v1/frame_pb';
import type { Result } from '../gen/framewire/v1/result_pb';
import type { Ended, Offline, Started, Viewing, WatchResponse } from '../gen/framewire/v1/viewing_pb';
import { retryDelay } from './backoff';
import type { ServerClock } from './clock';
import { isSilent, lateSince, mustJump, resultPatience } from './lateness';
import { millis, pageNow } from './time';
import { diagnostics } from '../diagnostics';

/** As many streams as one call can carry. */
const mostStreams = 256;
const debounce = 300;
const firstDebounce = 30;
const silenceCheck = 500;
/** A stream that the server cannot show is asked for again after this long. */
const askAgain = 15_000;
/** A call that lasts this long works. */
const steady = 3000;

/** Takes what comes of one stream. None of these may block or throw. */
export interface StreamReceiver {
  started(started: Started): void;
  /** A frame, and what the processors made of it, if that was asked for. */
  frame(frame: Frame, arrivedAt: number, results: readonly Result[]): void;
  offline(offline: Offline): void;
  ended(ended: Ended): void;
}

/** One Watch call, while it is the current one. */
interface Call {
  names: string[];
  /** The streams whose frames wait at the server for their results. */
  delayed: Set<string>;
  abort: AbortController;
  openedAt: number;
  heardAt: number;
  lateSince: Map<string, number | undefined>;
}

/**
 * Watches every stream that somebody on the page wants, over one call: a browser without TLS has six connections a server.
 * The call is replaced when the wish changes, when its frames come late, and when it falls silent or breaks. Owned by the server link.
 * Fires "change" when the trouble does.
 */
export class Watcher extends EventTarget {
  /** Why the server ends the calls, in its words; undefined while it does not. */
  trouble: string | undefined;

  readonly #receivers = new Map<string, StreamReceiver>();
  /** The streams that are wanted with what the processors make of them. */
  readonly #withResults = new Set<string>();
  #call: Call | undefined;
  #opening: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #jumpedAt = -Infinity;

  constructor(
    private readonly client: Client<typeof Viewing>,
    private readonly clock: ServerClock,
    private readonly codecs: Promise<Codec[]>,
  ) {
    super();
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#close();
      else this.#open(0);
    });
    setInterval(() => {
      if (this.#call && isSilent(this.#call.heardAt, pageNow())) this.#open(0);
    }, silenceCheck);
  }

  /** Frames come with what the processors made of them if anybody wants that: all streams share the call. */
  want(name: string, receiver: StreamReceiver, results = false): void {
    this.#receivers.set(name, receiver);
    if (results) this.#withResults.add(name);
    else this.#withResults.delete(name);
    this.#wishChanged();
  }

  forgo(name: string): void {
    this.#receivers.delete(name);
    this.#withResults.delete(name);
    this.#wishChanged();
  }

  #names(): string[] {
    return [...this.#receivers.keys()].sort().slice(0, mostStreams);
  }

  #wishChanged(): void {
    this.#open(this.#call ? debounce : firstDebounce);
  }

  /** Opens a call for what is wanted then, in place of the current one; the last to ask decides when. */
  #open(delay: number): void {
    clearTimeout(this.#opening);
    this.#opening = setTimeout(() => void this.#read(), delay);
  }

  #close(): void {
    clearTimeout(this.#opening);
    this.#call?.abort.abort();
    this.#call = undefined;
  }

  async #read(): Promise<void> {
    const names = this.#names();
    this.#close();
    const [stream, ...moreStreams] = names;
    if (stream === undefined || document.hidden) return;

    const now = pageNow();
    const results = this.#withResults.size > 0;
    const call: Call = {
      ...{ names, openedAt: now, heardAt: now },
      ...{ abort: new AbortController(), lateSince: new Map(), delayed: new Set() },
    };
    this.#call = call;
    try {
      const request = { stream, moreStreams, wait: true, codecs: await this.codecs, results };
      for await (const response of this.client.watch(request, { signal: call.abort.signal })) {
        if (this.#call !== call) return;
        if (call.heardAt - call.openedAt > steady) this.#works();
        this.#take(response, call);
      }
    } catch (error) {
      // Whatever the reason, there is one thing to do: try again. That the server is away is for the directory to say.
      const { code, rawMessage } = ConnectError.from(error);
      if (this.#call === call && code !== Code.Unknown) this.#say(rawMessage);
    }
    if (this.#call === call) this.#open(retryDelay(++this.#failures, Math.random()));
  }

  #works(): void {
    this.#failures = 0;
    if (this.trouble !== undefined) this.#say(undefined);
  }

  #say(trouble: string | undefined): void {
    this.trouble = trouble;
    this.dispatchEvent(new Event('change'));
  }

  #take({ message, streamIndex, results }: WatchResponse, call: Call): void {
    const now = (call.heardAt = pageNow());
    const name = call.names[streamIndex];
    const receiver = name === undefined ? undefined : this.#receivers.get(name);
    if (name === undefined || !receiver) return;

    switch (message.case) {
      case 'started':
        receiver.started(message.value);
        break;
      case 'offline':
        call.lateSince.delete(name);
        receiver.offline(message.value);
        break;
      case 'ended':
        receiver.ended(message.value);
        this.#open(askAgain);
        break;
      case 'frame':
        receiver.frame(message.value, now, results);
        if (results.length) call.delayed.add(name);
        if (this.clock.known) this.#judge(name, millis(message.value.receivedAtUnixMicros), now, call);
    }
  }

  /** Throws the call away, and what waits in its buffers, if the frames of the stream keep coming late. */
  #judge(name: string, receivedAt: number, arrivedAt: number, call: Call): void {
    const delay = call.delayed.has(name) ? resultPatience : 0;
    const arrival = { receivedAt: receivedAt - this.clock.offset, arrivedAt, openedAt: call.openedAt, delay };
    const since = lateSince(call.lateSince.get(name), arrival);
    call.lateSince.set(name, since);
    if (!mustJump(since, arrivedAt, this.#jumpedAt)) return;
    this.#jumpedAt = arrivedAt;
    diagnostics.jumps++;
    this.#open(0);
  }
}
