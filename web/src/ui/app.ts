import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ServerLink } from '../server/link';
import { pageNow } from '../server/time';
import { PageElement } from './element';
import { timeText } from './format';
import { routeOf, type Route } from './route';
import './login';
import './stream-page';
import './wall';

/** The page: what the address asks for, and above it whether the server can be reached. */
@customElement('fw-app')
export class App extends PageElement {
  @property({ attribute: false }) link: ServerLink | undefined;

  readonly #route: Route = routeOf(location.pathname);

  protected override firstUpdated(): void {
    const update = () => {
      this.requestUpdate();
    };
    this.link?.directory.addEventListener('change', update);
    this.link?.watcher.addEventListener('change', update);
    this.link?.recorded.addEventListener('change', update);
    this.link?.session.addEventListener('change', update);
    void this.link?.session.refresh();
    this.link?.directory.start();
    this.link?.recorded.start();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.link?.directory.loginNeeded) return html`<fw-login .session=${this.link.session}></fw-login>`;
    return this.link
      ? html`<div role="alert">${this.#banner(this.link)}</div>
          ${this.#page(this.link)}`
      : nothing;
  }

  #banner({
    directory: { unreachableSince, refusal },
    watcher: { trouble },
  }: ServerLink): TemplateResult | typeof nothing {
    if (refusal !== undefined) return html`<p class="banner">The server says: ${refusal}</p>`;
    if (unreachableSince !== undefined)
      return html`<p class="banner">
        The server cannot be reached since ${timeText(unreachableSince, pageNow())}. Trying again until it can.
      </p>`;
    return trouble === undefined
      ? nothing
      : html`<p class="banner">The pictures stopped; trying again. The server says: ${trouble}</p>`;
  }

  #page(link: ServerLink): TemplateResult {
    const { streams, grpcPort } = link.directory;
    switch (this.#route.page) {
      case 'wall':
        return html`<fw-wall
          .link=${link}
          .streams=${streams}
          .recordings=${link.recorded.byStream}
          .grpcPort=${grpcPort}
        ></fw-wall>`;
      case 'stream': {
        const { name } = this.#route;
        const status = streams?.find((stream) => stream.name === name);
        return html`<fw-stream-page
          .link=${link}
          .name=${name}
          .status=${status}
          .recording=${link.recorded.byStream?.get(name)}
          .online=${streams && (status?.online ?? false)}
          .grpcPort=${grpcPort}
        ></fw-stream-page>`;
      }
      case 'misnamed':
        return html`<main>
          <section class="empty">
            <h1>No stream can have the name “${this.#route.text}”</h1>
            <p>A name is 1 to 64 of a–z, 0–9, - and _, the first one a letter or digit.</p>
            <p><a href="/">All streams</a></p>
          </section>
        </main>`;
    }
  }
}
