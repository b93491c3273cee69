import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Recording } from '../gen/framewire/v1/recordings_pb';
import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';
import type { ServerLink } from '../server/link';
import { pageNow } from '../server/time';
import { arrange, arrangementOf, queryOf, type Arrangement, type Order } from './arrange';
import './copy-line';
import { PageElement } from './element';
import { publishLine } from './lines';
import { recordedOnly, recordedSection } from './recording/recorded-section';
import './tile';

const orderNames: Record<Order, string> = {
  name: 'Name',
  age: 'Freshest first',
  rate: 'Highest bit rate',
  offline: 'Offline first',
};

/** Every stream of the server, a tile each. How it is sorted and searched is kept in the page's address. */
@customElement('fw-wall')
export class Wall extends PageElement {
  @property({ attribute: false }) link!: ServerLink;
  @property({ attribute: false }) streams: StreamStatus[] | undefined;
  /** By the stream's name; undefined if the server does not record, or has not said yet. */
  @property({ attribute: false }) recordings: ReadonlyMap<string, Recording> | undefined;
  @property({ attribute: false }) grpcPort: number | undefined;
  @state() private arrangement: Arrangement = arrangementOf(new URLSearchParams(location.search));

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Framewire';
  }

  protected override render(): TemplateResult {
    return html`
      <header class="bar">
        <h1>Framewire</h1>
        ${this.#summary()}
        <form role="search" @submit=${this.#submitted}>
          <label>
            <span>Search</span>
            <input type="search" placeholder="name" .value=${this.arrangement.search} @input=${this.#searched} />
          </label>
          <label>
            <span>Sort</span>
            <select @change=${this.#sorted}>
              ${Object.entries(orderNames).map(
                ([order, text]) =>
                  html`<option value=${order} ?selected=${order === this.arrangement.order}>${text}</option>`,
              )}
            </select>
          </label>
        </form>
        ${this.#logOut()}
      </header>
      <main>${this.#body()} ${this.#recorded()}</main>
    `;
  }

  #summary(): TemplateResult | typeof nothing {
    if (!this.streams || this.link.directory.unreachableSince !== undefined) return nothing;
    const live = this.streams.filter(({ online }) => online).length;
    const offline = this.streams.length - live;
    return html`<p class="summary">${live} live${offline ? `, ${offline} offline` : ''}</p>`;
  }

  #logOut(): TemplateResult | typeof nothing {
    const { session } = this.link;
    return session.state?.loggedIn
      ? html`<button type="button" class="log-out" title=${session.state.name} @click=${this.#loggedOut}>
          Log out
        </button>`
      : nothing;
  }

  #loggedOut(): void {
    void this.link.session.logOut().then(() => {
      location.reload();
    });
  }

  #body(): TemplateResult {
    if (!this.streams) return html`<p class="empty">Asking the server for its streams…</p>`;
    if (!this.streams.length) return this.#howToPublish();
    const shown = arrange(this.streams, this.arrangement, this.link.clock.atServer(pageNow()));
    if (!shown.length) return html`<p class="empty">No stream has “${this.arrangement.search}” in its name.</p>`;
    return html`<div class="wall">
      ${repeat(
        shown,
        ({ name }) => name,
        (status) =>
          html`<fw-tile .link=${this.link} .status=${status} .recorded=${this.recordings?.get(status.name)}></fw-tile>`,
      )}
    </div>`;
  }

  #recorded(): TemplateResult | typeof nothing {
    const only = recordedOnly(this.recordings, this.streams, this.arrangement.search);
    return only.length ? recordedSection(only, pageNow()) : nothing;
  }

  #howToPublish(): TemplateResult {
    return html`<section class="empty">
      <h2>No streams yet</h2>
      <p>Publish one, for a start the built-in test pattern, and it shows up here:</p>
      <fw-copy-line .text=${publishLine(location, this.grpcPort)}></fw-copy-line>
    </section>`;
  }

  /** The search is done as it is typed: there is nothing to send. */
  #submitted(event: Event): void {
    event.preventDefault();
  }

  #searched(event: InputEvent): void {
    this.#arrange({ search: (event.target as HTMLInputElement).value });
  }

  #sorted(event: Event): void {
    this.#arrange({ order: (event.target as HTMLSelectElement).value as Order });
  }

  #arrange(change: Partial<Arrangement>): void {
    this.arrangement = { ...this.arrangement, ...change };
    const query = queryOf(this.arrangement, new URLSearchParams(location.search));
    history.replaceState(null, '', location.pathname + query);
  }
}
