import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Codec } from '../../gen/framewire/v1/frame_pb';
import type { Recording } from '../../gen/framewire/v1/recordings_pb';
import { lastPlace } from '../../player/place';
import { Playback } from '../../player/playback';
import { seekPlays, willPlay } from '../../player/playback-state';
import type { ServerLink } from '../../server/link';
import { TimelineFeed } from '../../server/timeline';
import { pageNow } from '../../server/time';
import { PageElement } from '../element';
import { wholeSeconds } from './export';
import { exportLine } from './export-line';
import { gapList } from './gap-list';
import type { Stretch } from './stretch';
import './timeline';
import { timelineHead } from './timeline-head';
import { transport } from './transport';
import type { Preset } from './view';
import { Window } from './window';

/** The panel and the timeline are not drawn more often than this while something plays, milliseconds. */
const drawInterval = 80;

/** What is recorded of one stream, and its playback. Fires "playback" when that begins and when it ends. */
@customElement('fw-recording')
export class RecordingPanel extends PageElement {
  @property({ attribute: false }) link!: ServerLink;
  @property() name = '';
  @property({ attribute: false }) recording: Recording | undefined;
  /** Whether the stream is live; undefined until the server has said. */
  @property({ attribute: false }) online: boolean | undefined;
  /** The canvas of the live picture. */
  @property({ attribute: false }) canvas!: () => HTMLCanvasElement | null;
  @state() private selection: Stretch | undefined;
  @state() private gapsOpen = false;

  /** Undefined while the picture is live. */
  playback: Playback | undefined;

  readonly #window = new Window();
  #feed: TimelineFeed | undefined;
  #codecs: readonly Codec[] | undefined;
  /** True once the page has begun with the live picture or the last recorded one; from then on it is for the person to say. */
  #begun = false;
  /** True while nobody has asked for what is shown. */
  #unasked = false;
  #drawing: ReturnType<typeof setTimeout> | undefined;

  readonly #acts = {
    seek: this.#seek.bind(this),
    live: this.#live.bind(this),
    pan: (by: number) => {
      this.#window.pan(by);
      this.requestUpdate();
    },
    zoom: (factor: number, anchor: number) => {
      this.#window.zoom(factor, anchor);
      this.requestUpdate();
    },
    select: (stretch: Stretch) => {
      this.selection = wholeSeconds(stretch);
    },
    preset: (preset: Preset) => {
      this.#window.set(preset);
      this.requestUpdate();
    },
    toggle: () => {
      if (this.playback && willPlay(this.playback.state)) this.playback.pause();
      else this.playback?.play();
      this.#unasked = false;
    },
    step: (direction: 1 | -1) => {
      this.playback?.step(direction);
      this.#unasked = false;
    },
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.#feed = new TimelineFeed(this.link.recordings, this.name);
    this.#feed.addEventListener('change', () => {
      this.#grow();
    });
    this.#feed.start();
    void this.link.codecs.then((codecs) => {
      this.#codecs = codecs;
      this.#begin();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#feed?.close();
    this.playback?.close();
    clearTimeout(this.#drawing);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('online')) this.#begin();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { view, extent } = this.#window;
    const feed = this.#feed;
    if (!feed || !view || !extent) return nothing;
    const { playback } = this;
    const now = pageNow();
    const playhead = playback ? (playback.shown?.capturedAt ?? extent.until) : extent.until;
    const codec = (this.recording?.format ?? feed.spans.at(-1)?.format)?.codec;
    const acts = this.#acts;
    return html`<section class="recording" aria-label="Recording">
      ${transport(playback, this.online === true, acts)} ${timelineHead(this.#window, now, acts)}
      <fw-timeline
        .spans=${feed.spans}
        .gaps=${feed.gaps}
        .extent=${extent}
        .view=${view}
        .selection=${this.selection}
        .playhead=${playhead}
        .live=${!playback}
        .acts=${acts}
      ></fw-timeline>
      ${exportLine(this.name, this.selection ?? wholeSeconds(view), codec !== Codec.H264, acts.select)}
      ${gapList(feed.gaps, view, this.gapsOpen, now, {
        toggled: (open) => (this.gapsOpen = open),
        show: (gap) => {
          this.#window.show(gap);
          this.requestUpdate();
        },
      })}
    </section>`;
  }

  /** Takes in what the feed brought. */
  #grow(): void {
    const feed = this.#feed;
    if (!feed) return;
    this.#window.grow(feed.spans, this.online ? feed.now : undefined);
    if (this.playback) this.playback.spans = feed.spans;
    this.#begin();
    this.requestUpdate();
  }

  /** A stream that is not live begins with its last picture; one that becomes live takes over, unless somebody looks at the past. */
  #begin(): void {
    if (this.online && this.#unasked) this.#live();
    if (this.#begun || this.online === undefined || !this.#feed?.known || !this.#codecs) return;
    this.#begun = true;
    const place = lastPlace(this.#feed.spans);
    if (this.online || !place) return;
    this.#unasked = true;
    this.#play()?.seek({ place }, false);
  }

  #seek(at: number): void {
    const { extent } = this.#window;
    if (!extent) return;
    if (this.online && at >= extent.until) {
      this.#live();
      return;
    }
    const plays = this.#unasked || !this.playback || seekPlays(this.playback.state);
    this.#unasked = false;
    this.#play()?.seek({ at: Math.min(Math.max(at, extent.from), extent.until) }, plays);
  }

  /** The playback, which begins if there is none. */
  #play(): Playback | undefined {
    const canvas = this.canvas();
    if (this.playback || !canvas || !this.#codecs) return this.playback;
    const playback = new Playback(this.link.recordings, this.name, canvas, this.#codecs);
    playback.spans = this.#feed?.spans ?? [];
    playback.addEventListener('change', () => {
      this.#drawing ??= setTimeout(() => {
        this.#drawing = undefined;
        this.#follow();
      }, drawInterval);
    });
    this.playback = playback;
    this.dispatchEvent(new Event('playback'));
    return playback;
  }

  /** Draws what playback does; the window goes along with what plays. */
  #follow(): void {
    const { playback } = this;
    if (playback?.state.name === 'playing' && playback.shown) this.#window.reveal(playback.shown.capturedAt);
    this.requestUpdate();
  }

  #live(): void {
    this.playback?.close();
    this.playback = undefined;
    this.#unasked = false;
    this.#window.toEnd();
    this.dispatchEvent(new Event('playback'));
    this.requestUpdate();
  }
}
