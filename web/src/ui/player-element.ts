import { html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';
import { ageBudget } from '../player/age';
import { Overlay } from '../player/overlay';
import type { Playback } from '../player/playback';
import { StreamPlayer } from '../player/player';
import type { ServerLink } from '../server/link';
import { millis, pageNow } from '../server/time';
import { PageElement } from './element';
import { ageText, exactTimeText, timeText } from './format';
import { playbackWord } from './recording/words';
import { stateOf, type Listed, type State } from './state';
import { Ticker } from './ticker';

/** How far outside of the window a player already watches. */
const margin = '200px';
const refresh = 150;

/** Where pictures are shown, and what lies over them, if there is room for it. */
export interface Screening {
  canvas: HTMLCanvasElement;
  overlay: Overlay | undefined;
}

/** The live picture of one stream with its age, or why there is none. Watches only while it can be seen. */
@customElement('fw-player')
export class PlayerElement extends PageElement {
  @property({ attribute: false }) link!: ServerLink;
  @property() name = '';
  @property({ attribute: false }) status: StreamStatus | undefined;
  /** What plays on the canvas in place of the live picture. */
  @property({ attribute: false }) playback: Playback | undefined;

  /** Whether what processors make of the frames is shown over them; undefined where there is no room for it. */
  @property({ type: Boolean }) boxes: boolean | undefined;

  /** What lies over the picture; undefined until the element is on the page, and without room for boxes. */
  overlay: Overlay | undefined;
  /** Plays the stream; undefined until the element is on the page. */
  player: StreamPlayer | undefined;

  #listed: Listed | undefined;
  #isSeen = false;
  readonly #seen = new IntersectionObserver(
    (entries) => {
      this.#isSeen = entries.at(-1)?.isIntersecting ?? false;
      this.#watch();
    },
    { rootMargin: margin },
  );

  constructor() {
    super();
    new Ticker(this, refresh, () => {
      this.requestUpdate();
    });
  }

  /** What a recording is played on; undefined until the element is on the page. */
  get screening(): Screening | undefined {
    const canvas = this.querySelector('canvas');
    return canvas ? { canvas, overlay: this.overlay } : undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('playback') && this.player) this.#turn(this.player);
    else if (changed.has('boxes')) this.#watch();
    if (!changed.has('status') || !this.status) return;
    this.#listed = { status: this.status, at: pageNow() };
    if (this.player) this.player.publisherOffset = this.#publisherOffset();
  }

  protected override firstUpdated(): void {
    this.#begin();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // An element that the wall moves to another place is taken out and put back at once: that is no end.
    queueMicrotask(() => {
      if (!this.isConnected) this.#end();
    });
  }

  protected override render(): TemplateResult {
    const now = pageNow();
    const age = this.player?.age(now);
    const state = stateOf(this.player?.word, this.#listed, age !== undefined);
    const { shown } = this.playback ?? {};
    this.dataset.stream = this.name;
    this.dataset.state = this.playback ? 'recorded' : state.name;
    // Until a recorded picture is there, the canvas has a live one, which must not pass for it.
    this.toggleAttribute('data-blank', this.playback !== undefined && !shown);
    const over = state.name === 'live' && age !== undefined && age > ageBudget;
    return html`
      <canvas
        width="16"
        height="9"
        role="img"
        aria-label="${this.playback ? 'Recorded' : 'Live'} picture of ${this.name}"
      ></canvas>
      ${this.boxes === undefined ? '' : html`<canvas class="overlay" aria-hidden="true"></canvas>`}
      <span
        class="age ${over ? 'over' : ''}"
        data-age=${age === undefined ? '' : Math.round(age)}
        title="Age of the picture"
      >
        ${ageText(age)}
      </span>
      ${this.playback ? html`<span class="past">RECORDED ${shown ? exactTimeText(shown.capturedAt, now) : ''}</span>` : ''}
      <p class="word">${this.playback ? playbackWord(this.playback, now) : this.#word(state, now)}</p>
    `;
  }

  #word(state: State, now: number): TemplateResult | string {
    if (this.player?.trouble) return this.player.trouble;
    const broken = this.player?.brokenFrames ?? 0;
    if (state.name === 'live') return '';
    if (state.name === 'waiting')
      return broken ? `this browser cannot decode it (${broken} frames)` : 'waiting for a picture';
    const how = state.complete ? 'ended' : 'lost';
    return html`offline${state.since ? ` since ${timeText(state.since - this.link.clock.offset, now)}` : ''} · ${how}`;
  }

  #publisherOffset(): number {
    return millis(this.status?.report?.clockOffsetMicros ?? 0n);
  }

  #begin(): void {
    const [canvas, over] = this.querySelectorAll('canvas');
    if (this.player || !canvas) return;
    this.overlay = over && new Overlay(this.name, over, canvas);
    this.player = new StreamPlayer(this.name, canvas, this.link.clock, this.overlay);
    this.player.publisherOffset = this.#publisherOffset();
    this.#seen.observe(this);
  }

  #end(): void {
    this.#seen.disconnect();
    this.#isSeen = false;
    this.#watch();
    this.player?.close();
    this.overlay?.close();
    this.player = this.overlay = undefined;
  }

  /** Leaves the canvas to playback, or takes it back. */
  #turn(player: StreamPlayer): void {
    if (this.playback) player.hold();
    else player.release();
    this.#watch();
  }

  #watch(): void {
    if (this.player) this.player.showsResults = this.boxes === true;
    if (this.#isSeen && this.player && !this.playback) this.link.watcher.want(this.name, this.player, this.boxes);
    else this.link.watcher.forgo(this.name);
  }
}
