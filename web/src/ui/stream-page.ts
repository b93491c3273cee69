import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Recording } from '../gen/framewire/v1/recordings_pb';
import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';
import type { Playback } from '../player/playback';
import type { ServerLink } from '../server/link';
import { pageNow } from '../server/time';
import './copy-line';
import { PageElement } from './element';
import { frameFacts, publisherFacts, serverFacts } from './facts';
import { codecText, megabitText, rateText, sizeText } from './format';
import { Graphs } from './graphs';
import { watchLines } from './lines';
import type { PlayerElement, Screening } from './player-element';
import './player-element';
import { queryWithResults, wantsResults } from './preference';
import { processorFacts, processorTroubles } from './processors';
import type { RecordingPanel } from './recording/panel';
import './recording/panel';
import { stoppedText } from './recording/stopped';
import { resultFacts } from './result-facts';
import { Ticker } from './ticker';

const refresh = 1000;

/** One stream: its picture as large as it goes, and everything that is known of it. */
@customElement('fw-stream-page')
export class StreamPage extends PageElement {
  @property({ attribute: false }) link!: ServerLink;
  @property() name = '';
  @property({ attribute: false }) status: StreamStatus | undefined;
  @property({ attribute: false }) recording: Recording | undefined;
  /** Whether the stream is live; undefined until the server has said. */
  @property({ attribute: false }) online: boolean | undefined;
  @property({ attribute: false }) grpcPort: number | undefined;
  @state() private playback: Playback | undefined;
  /** Whether what processors make of the frames is wanted. */
  @state() private results = wantsResults(new URLSearchParams(location.search));
  @query('fw-player') private readonly playerElement!: PlayerElement | null;

  readonly #graphs = new Graphs();
  #measured = false;

  constructor() {
    super();
    new Ticker(this, refresh, () => {
      this.#measure();
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = `${this.name} – Framewire`;
  }

  protected override render(): TemplateResult {
    const { status } = this;
    return html`
      <header class="bar">
        <a class="back" href="/${location.search}">← All streams</a>
        <h1>${this.name}</h1>
        ${status?.recording && status.online ? html`<span class="badge rec">REC</span>` : nothing} ${this.#shape()}
      </header>
      ${stoppedText(this.recording)} ${processorTroubles(status?.processors ?? [])}
      <main class="stream">
        <div class="stage">
          <fw-player
            .link=${this.link}
            .name=${this.name}
            .status=${status}
            .playback=${this.playback}
            .boxes=${this.results}
          ></fw-player>
          <fw-recording
            .link=${this.link}
            .name=${this.name}
            .recording=${this.recording}
            .online=${this.online}
            .screening=${this.#screening}
            .results=${this.results}
            @playback=${this.#turned}
          ></fw-recording>
          ${this.#buttons()}
        </div>
        <div class="beside">${this.#resultFacts()} ${this.#graphs.render()}</div>
        <div class="below">${processorFacts(status?.processors ?? [])} ${this.#lines()}</div>
        ${this.#facts()}
      </main>
    `;
  }

  #shape(): TemplateResult | typeof nothing {
    if (!this.status) return nothing;
    const { format, frameRate, bitRate } = this.status;
    return html`<p class="summary">
      ${codecText(format)} ${sizeText(format)} · ${rateText(frameRate)} fps · ${megabitText(bitRate)} Mbit/s
    </p>`;
  }

  #buttons(): TemplateResult {
    const snapshot = `/streams/${this.name}/snapshot.jpg`;
    return html`<p class="buttons">
      ${this.#canHaveResults ? html`<button type="button" aria-pressed=${this.results} @click=${this.#turnResults}>Results</button>` : nothing}
      ${document.fullscreenEnabled ? html`<button type="button" @click=${this.#fill}>Full screen</button>` : nothing}
      <a class="button" href=${snapshot} download="${this.name}.jpg">Download snapshot</a>
      <a class="button" href="/streams/${this.name}/live.mjpeg">Motion JPEG</a>
    </p>`;
  }

  #lines(): TemplateResult {
    return html`<section class="lines">
      <h2>Watch elsewhere</h2>
      ${watchLines(location, this.grpcPort, this.name).map(
        ({ label, text }) => html`<fw-copy-line .label=${label} .text=${text}></fw-copy-line>`,
      )}
    </section>`;
  }

  #resultFacts(): TemplateResult | typeof nothing {
    const latest = this.playerElement?.overlay?.latest;
    return this.#canHaveResults && this.results ? resultFacts([...(latest?.values() ?? [])]) : nothing;
  }

  #facts(): TemplateResult {
    const player = this.playerElement?.player;
    const toPage = (player?.publisherOffset ?? 0) - this.link.clock.offset;
    return html`<div class="all-facts">
      ${frameFacts(this.playback ? this.playback.shown : player?.shown, this.playback ? 0 : toPage, pageNow())}
      ${publisherFacts(this.status)} ${serverFacts(this.status)}
    </div>`;
  }

  #measure(): void {
    const player = this.playerElement?.player;
    if (!player || document.hidden) return;
    if (this.playback) {
      // The graphs are of what is live.
      this.#measured = false;
      this.requestUpdate();
      return;
    }
    const now = pageNow();
    const reading = player.meter.read(now);
    // The first reading holds the replay that a call begins with: it would dwarf the rest.
    if (this.#measured) this.#graphs.add(now, reading, this.status?.online ? this.status.report : undefined);
    this.#measured = true;
    this.requestUpdate();
  }

  get #canHaveResults(): boolean {
    return this.recording !== undefined || (this.status?.processors.length ?? 0) > 0;
  }

  #turnResults(): void {
    this.results = !this.results;
    const query = queryWithResults(this.results, new URLSearchParams(location.search));
    history.replaceState(null, '', location.pathname + query);
  }

  readonly #screening = (): Screening | undefined => this.playerElement?.screening;

  #turned(event: Event): void {
    this.playback = (event.target as RecordingPanel).playback;
  }

  async #fill(): Promise<void> {
    await this.playerElement?.requestFullscreen();
  }
}
