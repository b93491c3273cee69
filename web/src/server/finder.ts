import { ConnectError, type Client } from '@connectrpc/connect';
import type { Finding, Recordings } from '../gen/framewire/v1/recordings_pb';
import { micros } from './time';

const patience = 15_000;
/** The wish may change with each letter, and the stretch with each turn of a wheel, milliseconds. */
const debounce = 250;
const mostFindings = 2000;
/** Sightings closer than this part of the stretch look like one. */
const part = 1000;
const leastApart = 1000;
const hour = 3_600_000;

/** What is looked for; times are milliseconds since 1970, exclusive at the end. */
export interface Wish {
  /** Empty for anything. */
  label: string;
  minScore: number | undefined;
  from: number;
  until: number;
}

/** Finds things in one stream's recording. What was asked for last counts. Owned by the search of the stream's page. */
export class Finder {
  /** By time; undefined while nothing is looked for, or nothing was ever found out. */
  findings: readonly Finding[] | undefined;
  /** Whether there are more than are told. */
  more = false;
  /** Why nothing could be found out, in the server's words. */
  error: string | undefined;

  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  /** `answered` is called whenever there is something new to see. */
  constructor(
    private readonly client: Client<typeof Recordings>,
    private readonly stream: string,
    private readonly answered: () => void,
  ) {}

  look(wish: Wish): void {
    this.#stop();
    this.#timer = setTimeout(() => void this.#ask(wish), debounce);
  }

  /** Looks for nothing any more. */
  end(): void {
    this.#stop();
    this.findings = this.error = undefined;
    this.more = false;
  }

  /** The labels that were seen in a stretch of time, sorted. */
  async labels(from: number, until: number): Promise<string[]> {
    try {
      const request = { ...this.#stretch(from, until), mergeMillis: hour };
      const { findings } = await this.client.find(request, { timeoutMs: patience });
      return [...new Set(findings.map(({ label }) => label))].filter(Boolean).sort();
    } catch {
      // They only save typing.
      return [];
    }
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  async #ask({ label, minScore, from, until }: Wish): Promise<void> {
    const asking = (this.#asking = new AbortController());
    const mergeMillis = Math.max(leastApart, Math.round((until - from) / part));
    try {
      const request = { ...this.#stretch(from, until), label, mergeMillis, optionalMinScore: scoreOf(minScore) };
      const answer = await this.client.find(request, { timeoutMs: patience, signal: asking.signal });
      ({ findings: this.findings, more: this.more } = answer);
      this.error = undefined;
    } catch (error) {
      if (asking.signal.aborted) return;
      this.error = ConnectError.from(error).rawMessage;
    }
    this.answered();
  }

  #stretch(from: number, until: number) {
    const [fromUnixMicros, untilUnixMicros] = [micros(from), micros(until)];
    return { stream: this.stream, fromUnixMicros, untilUnixMicros, maxFindings: mostFindings };
  }
}

const scoreOf = (value: number | undefined) =>
  value === undefined ? { case: undefined } : { case: 'minScore' as const, value };
