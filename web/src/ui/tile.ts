import { html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Recording } from '../gen/framewire/v1/recordings_pb';
import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';
import type { ServerLink } from '../server/link';
import { PageElement } from './element';
import { codecText, countText, dropsOf, megabitText, microsText, rateText, sizeText } from './format';
import './player-element';
import { processorBadge } from './processors';
import { stoppedText } from './recording/stopped';

/** One stream on the wall: its picture and the numbers that tell whether it is well. */
@customElement('fw-tile')
export class Tile extends PageElement {
  @property({ attribute: false }) link!: ServerLink;
  @property({ attribute: false }) status!: StreamStatus;
  @property({ attribute: false }) recorded: Recording | undefined;

  protected override render(): TemplateResult {
    const { name, format, recording, online, processors } = this.status;
    const href = `/view/${name}${location.search}`;
    return html`
      <article class="tile" aria-label="Stream ${name}">
        <a class="picture" href=${href} tabindex="-1" aria-hidden="true">
          <fw-player .link=${this.link} .name=${name} .status=${this.status}></fw-player>
        </a>
        <header>
          <h2><a href=${href}>${name}</a></h2>
          ${
            recording && online
              ? html`<span class="badge rec" title="Every frame goes to the server's disk">REC</span>`
              : html`<span class="badge">${recording ? 'recorded' : 'not recorded'}</span>`
          }
        </header>
        ${stoppedText(this.recorded)}
        <p class="shape">${codecText(format)} <span>${sizeText(format)}</span> ${processorBadge(processors)}</p>
        ${this.#numbers()}
      </article>
    `;
  }

  #numbers(): TemplateResult {
    const { online, frameRate, bitRate, report, missing, viewers } = this.status;
    const drops = dropsOf(report, missing);
    return html`
      <dl class="numbers">
        <div>
          <dt>fps</dt>
          <dd>${rateText(frameRate)}</dd>
        </div>
        <div>
          <dt>Mbit/s</dt>
          <dd>${megabitText(bitRate)}</dd>
        </div>
        <div>
          <dt>ack round trip</dt>
          <dd>${microsText(online ? report?.ackP50Micros : undefined)}</dd>
        </div>
        <div class=${drops > 0n ? 'some' : ''}>
          <dt>drops</dt>
          <dd>${countText(drops)}</dd>
        </div>
        <div>
          <dt>viewers</dt>
          <dd>${viewers}</dd>
        </div>
      </dl>
    `;
  }
}
