import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Codec } from '../../gen/framewire/v1/frame_pb';
import type { Finding, Recording } from '../../gen/framewire/v1/recordings_pb';
import { lastPlace, type Target } from '../../player/place';
import type { Playback } from '../../player/playback';
import type { ServerLink } from '../../server/link';
import { TimelineFeed } from '../../server/timeline';
import { pageNow } from '../../server/time';
import { PageElement } from '../element';
import type { Screening } from '../player-element';
import { wholeSeconds } from './export';
import { exportLine } from './export-line';
import './find-bar';
import { findingBeside, startOf } from './findings';
import { gapList } from './gap-list';
import { Replay } from './replay';
import type { Stretch } from './stretch';
import './timeline';
import { timelineHead } from './timeline-head';
import { transport } from './transport';
import { Window } from './window';

/** What is recorded of one stream, and its playback. Fires "playback" when that begins and when it ends. */
@customElement('fw-recording')
export class RecordingPanel extends PageElement {
  @property({ attribute: false }) link!: ServerLink;
  @property() name = '';
  @property({ attribute: false }) recording: Recording | undefined;
  /** Whether the stream is live; undefined until the server has said. */
  @property({ attribute: false }) online: boolean | undefined;
  /** Where the live picture is shown. */
  @property({ attribute: false }) screening!: () => Screening | undefined;
  /** Whether what processors made of the frames is wanted. */
  @property({ type: Boolean }) results = true;
  @state() private selection: Stretch | undefined;
  @state() private gapsOpen = false;
  /** What was found in the time shown; undefined if nothing is looked for. */
  @state() private findings: readonly Finding[] | undefined;

  readonly #window = new Window(() => {
    this.requestUpdate();
  });
  #feed: TimelineFeed | undefined;
  #codecs: readonly Codec[] | undefined;
  /** True once the page has begun with the live picture or the last recorded one; from then on it is for the person to say. */
  #begun = false;
  readonly #replay = new Replay(this.#follow.bind(this));

  readonly #acts = {
    seek: this.#seek.bind(this),
    live: this.#live.bind(this),
    pan: this.#window.pan.bind(this.#window),
    zoom: this.#window.zoom.bind(this.#window),
    preset: this.#window.set.bind(this.#window),
    select: (stretch: Stretch) => {
      this.selection = wholeSeconds(stretch);
    },
    toggle: this.#replay.toggle.bind(this.#replay),
    step: this.#replay.step.bind(this.#replay),
    found: (findings: readonly Finding[] | undefined) => {
      this.findings = findings;
    },
    find: (direction: 1 | -1) => {
      const finding = findingBeside(this.findings ?? [], this.#playhead, direction);
      if (finding) this.#jump(finding);
    },
    jump: this.#jump.bind(this),
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
    this.#replay.end();
  }

  protected override willUpdate(): void {
    this.#replay.results = this.results;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('online')) this.#begin();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { view, extent } = this.#window;
    const feed = this.#feed;
    if (!feed || !view || !extent) return nothing;
    const now = pageNow();
    const codec = (this.recording?.format ?? feed.spans.at(-1)?.format)?.codec;
    const acts = this.#acts;
    return html`<section class="recording" aria-label="Recording">
      ${transport(this.playback, this.online === true, acts)} ${timelineHead(this.#window, now, acts)}
      <fw-timeline
        .spans=${feed.spans}
        .gaps=${feed.gaps}
        .extent=${extent}
        .view=${view}
        .selection=${this.selection}
        .playhead=${this.#playhead}
        .findings=${this.findings}
        .live=${!this.playback}
        .acts=${acts}
      ></fw-timeline>
      <fw-find .link=${this.link} .name=${this.name} .view=${view} .acts=${acts}></fw-find>
      ${exportLine(this.name, this.selection ?? wholeSeconds(view), codec !== Codec.H264, acts.select)}
      ${gapList(feed.gaps, view, this.gapsOpen, now, {
        toggled: (open) => (this.gapsOpen = open),
        show: this.#window.show.bind(this.#window),
      })}
    </section>`;
  }

  /** Undefined while the picture is live. */
  get playback(): Playback | undefined {
    return this.#replay.playback;
  }

  /** The time of the picture that is shown. */
  get #playhead(): number {
    const end = this.#window.extent?.until ?? 0;
    return this.playback ? (this.playback.shown?.capturedAt ?? end) : end;
  }

  /** Takes in what the feed brought. */
  #grow(): void {
    const feed = this.#feed;
    if (!feed) return;
    this.#window.grow(feed.spans, this.online ? feed.now : undefined);
    this.#replay.spans = feed.spans;
    this.#begin();
    this.requestUpdate();
  }

  /** A stream that is not live begins with its last picture; one that becomes live takes over, unless somebody looks at the past. */
  #begin(): void {
    if (this.online && this.#replay.unasked) this.#live();
    if (this.#begun || this.online === undefined || !this.#feed?.known || !this.#codecs) return;
    this.#begun = true;
    const place = lastPlace(this.#feed.spans);
    if (this.online || !place) return;
    this.#play()?.seek({ place }, false);
    this.#replay.unasked = true;
  }

  #seek(at: number): void {
    const { extent } = this.#window;
    if (!extent) return;
    if (this.online && at >= extent.until) {
      this.#live();
      return;
    }
    this.#go({ at: Math.min(Math.max(at, extent.from), extent.until) });
  }

  #jump(finding: Finding): void {
    this.#window.reveal(startOf(finding));
    this.#go({ place: { session: finding.session, sequence: finding.firstSequence } });
  }

  #go(target: Exclude<Target, 'next'>): void {
    const isLive = !this.playback;
    if (this.#play()) this.#replay.seek(target, isLive);
  }

  /** The playback, which begins if there is none. */
  #play(): Playback | undefined {
    const screening = this.screening();
    if (this.playback || !screening || !this.#codecs) return this.playback;
    const playback = this.#replay.begin(this.link.recordings, this.name, screening, this.#codecs);
    this.dispatchEvent(new Event('playback'));
    return playback;
  }

  /** Draws what playback does; the window goes along with what plays. */
  #follow(): void {
    if (this.playback?.state.name === 'playing' && this.playback.shown) this.#window.reveal(this.#playhead);
    this.requestUpdate();
  }

  #live(): void {
    this.#replay.end();
    this.#window.toEnd();
    this.dispatchEvent(new Event('playback'));
    this.requestUpdate();
  }
}
