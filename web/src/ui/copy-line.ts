import { html, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { PageElement } from './element';

const shownFor = 2000;

/** A line for a terminal, with a button that copies it. */
@customElement('fw-copy-line')
export class CopyLine extends PageElement {
  @property() label = '';
  @property() text = '';
  @state() private answer = '';

  #timer: ReturnType<typeof setTimeout> | undefined;

  protected override render(): TemplateResult {
    return html`
      ${this.label ? html`<span class="label">${this.label}</span>` : ''}
      <code tabindex="0">${this.text}</code>
      <button type="button" aria-label="Copy: ${this.text}" @click=${this.#copy}>${this.answer || 'Copy'}</button>
      <span class="unseen" role="status">${this.answer}</span>
    `;
  }

  async #copy(): Promise<void> {
    this.answer = (await this.#toClipboard()) ? 'Copied' : 'Selected';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.answer = ''), shownFor);
  }

  /** Browsers keep the clipboard from plain http of another host, and people may refuse it: then the text is selected. */
  async #toClipboard(): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(this.text);
      return true;
    } catch {
      const code = this.querySelector('code');
      if (code) getSelection()?.selectAllChildren(code);
      return false;
    }
  }
}
