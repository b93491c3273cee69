import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Session } from '../server/session';
import { PageElement } from './element';

/** Asks for the token of whoever looks. What comes of it is a cookie; the token itself is kept nowhere. */
@customElement('fw-login')
export class Login extends PageElement {
  @property({ attribute: false }) session!: Session;
  @state() private refusal = '';
  @state() private busy = false;

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Log in – Framewire';
  }

  protected override render(): TemplateResult {
    return html`<main>
      <section class="login">
        <h1>Framewire</h1>
        <form @submit=${this.#submitted}>
          <label>
            <span>Token</span>
            <input
              name="token"
              type="password"
              autocomplete="current-password"
              spellcheck="false"
              placeholder="fw_…"
              required
              aria-describedby="login-help"
            />
          </label>
          <button type="submit" ?disabled=${this.busy}>Log in</button>
          ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
          <p id="login-help">
            Whoever runs this server makes tokens with <code>framewire token create --watch '*'</code>.
          </p>
        </form>
      </section>
    </main>`;
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    const token = new FormData(event.target as HTMLFormElement).get('token');
    if (typeof token === 'string') void this.#logIn(token.trim());
  }

  async #logIn(token: string): Promise<void> {
    this.busy = true;
    try {
      this.refusal = (await this.session.logIn(token)) ?? '';
      // Everything on the page begins again with the cookie.
      if (!this.refusal) location.reload();
    } catch {
      this.refusal = 'The server cannot be reached; try again.';
    } finally {
      this.busy = false;
    }
  }
}
