import { html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Finding } from '../../gen/framewire/v1/recordings_pb';
import { Finder } from '../../server/finder';
import type { ServerLink } from '../../server/link';
import { PageElement } from '../element';
import { foundText } from './findings';
import type { Stretch } from './stretch';

const mostSuggestions = 50;
const suggestions = 'labels-seen';

/** What the search does to the timeline. */
export interface FindActs {
  /** Marks what was found; undefined if nothing is looked for. */
  found(findings: readonly Finding[] | undefined): void;
  /** Goes to the next finding, or the one before. */
  find(direction: 1 | -1): void;
}

/** Looks for things in the part of a recording that the timeline shows. */
@customElement('fw-find')
export class FindBar extends PageElement {
  @property({ attribute: false }) link!: ServerLink;
  @property() name = '';
  @property({ attribute: false }) view!: Stretch;
  @property({ attribute: false }) acts!: FindActs;
  @state() private label = '';
  @state() private minScore: number | undefined;
  @state() private labels: readonly string[] = [];

  #finder: Finder | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#finder?.end();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (this.#isOn ? ['view', 'label', 'minScore'].some((name) => changed.has(name)) : false)
      this.#theFinder.look({ label: this.label, minScore: this.minScore, ...this.view });
  }

  protected override render(): TemplateResult {
    const finder = this.#isOn ? this.#finder : undefined;
    const none = !finder?.findings?.length;
    return html`<div class="find" role="search" aria-label="Find in the recording">
      <label>
        <span>Find</span>
        <input
          type="search"
          class="label"
          placeholder="label, such as person"
          maxlength="128"
          list=${suggestions}
          @focus=${this.#suggest}
          @input=${this.#typed}
        />
      </label>
      <datalist id=${suggestions}>${this.labels.map((label) => html`<option value=${label}></option>`)}</datalist>
      <label>
        <span>Score from</span>
        <input type="number" class="score" min="0" step="0.05" placeholder="any" @input=${this.#scored} />
      </label>
      ${this.#button(-1, 'Previous finding', 'p', '◂', none)} ${this.#button(1, 'Next finding', 'n', '▸', none)}
      <p class="summary" role="status">${finder ? foundText(finder.findings, finder.more, finder.error) : ''}</p>
    </div>`;
  }

  get #isOn(): boolean {
    return this.label !== '' || this.minScore !== undefined;
  }

  get #theFinder(): Finder {
    return (this.#finder ??= new Finder(this.link.recordings, this.name, () => {
      this.acts.found(this.#finder?.findings);
      this.requestUpdate();
    }));
  }

  #button(direction: 1 | -1, label: string, key: string, text: string, none: boolean): TemplateResult {
    return html`<button
      type="button"
      aria-label=${label}
      title="${label} (${key} on the timeline)"
      ?disabled=${none}
      @click=${() => {
        this.acts.find(direction);
      }}
    >
      <span aria-hidden="true">${text}</span>
    </button>`;
  }

  #typed(event: Event): void {
    this.label = (event.target as HTMLInputElement).value.trim();
    this.#wishChanged();
  }

  #scored(event: Event): void {
    const score = (event.target as HTMLInputElement).valueAsNumber;
    this.minScore = Number.isNaN(score) ? undefined : score;
    this.#wishChanged();
  }

  /** What was found for another wish must not pass for an answer to this one. */
  #wishChanged(): void {
    this.#finder?.end();
    this.acts.found(undefined);
  }

  async #suggest(): Promise<void> {
    const { from, until } = this.view;
    this.labels = (await this.#theFinder.labels(from, until)).slice(0, mostSuggestions);
  }
}
