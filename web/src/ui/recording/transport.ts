import { html, nothing, type TemplateResult } from 'lit';
import type { Playback } from '../../player/playback';
import { willPlay } from '../../player/playback-state';

const speeds = [0.5, 1, 2, 4, 8];

/** What the buttons do. */
export interface TransportActs {
  toggle(): void;
  step(direction: 1 | -1): void;
  live(): void;
}

/** The buttons of playback; while the picture is live there is nothing to press yet. */
export function transport(playback: Playback | undefined, online: boolean, acts: TransportActs): TemplateResult {
  const plays = playback !== undefined && willPlay(playback.state);
  const off = playback === undefined;
  return html`<div class="transport" role="group" aria-label="Playback">
    <button
      type="button"
      ?disabled=${off}
      @click=${() => {
        acts.step(-1);
      }}
      aria-label="One frame back"
      title="One frame back (,)"
    >
      <span aria-hidden="true">◂ ▏</span>
    </button>
    <button
      type="button"
      class="play"
      ?disabled=${off}
      @click=${() => {
        acts.toggle();
      }}
    >
      ${plays ? 'Pause' : 'Play'}
    </button>
    <button
      type="button"
      ?disabled=${off}
      @click=${() => {
        acts.step(1);
      }}
      aria-label="One frame forward"
      title="One frame forward (.)"
    >
      <span aria-hidden="true">▏▸</span>
    </button>
    <label>
      <span>Speed</span>
      <select
        aria-label="Speed"
        ?disabled=${off}
        @change=${(event: Event) => {
          if (playback) playback.speed = Number((event.target as HTMLSelectElement).value);
        }}
      >
        ${speeds.map((speed) => html`<option value=${speed} ?selected=${speed === (playback?.speed ?? 1)}>${speed}×</option>`)}
      </select>
    </label>
    ${
      off
        ? html`<p class="summary">${online ? 'Live. Click the timeline to see what was.' : nothing}</p>`
        : html`<button
            type="button"
            class="live"
            @click=${() => {
              acts.live();
            }}
          >
            Back to live
          </button>`
    }
  </div>`;
}
