import { html, type TemplateResult } from 'lit';
import { timeText } from '../format';
import { gapKinds, kindTexts } from './gaps';
import { lengthOf, middleOf } from './stretch';
import { presets, type Preset } from './view';
import type { Window } from './window';

const presetNames: Record<Preset, string> = { hour: 'Last hour', day: 'Last day', all: 'All' };
/** A press of a button moves the view by this part of itself. */
const panPart = 0.5;

/** What part of time the timeline shows, the buttons that change it, and the legend. */
export function timelineHead(
  { view, preset }: Window,
  now: number,
  acts: { pan(by: number): void; zoom(factor: number, anchor: number): void; preset(preset: Preset): void },
): TemplateResult {
  if (!view) return html``;
  const length = lengthOf(view);
  const button = (text: string, label: string, act: () => void) =>
    html`<button type="button" aria-label=${label} title=${label} @click=${act}>${text}</button>`;
  const pan = (part: number) => () => {
    acts.pan(part * length);
  };
  const zoom = (factor: number) => () => {
    acts.zoom(factor, middleOf(view));
  };
  return html`<div class="timeline-head">
    <h2>Recording</h2>
    <p class="summary">${timeText(view.from, now)} – ${timeText(view.until, now)}</p>
    <div class="view-buttons" role="group" aria-label="Time shown by the timeline">
      ${presets.map(
        (name) =>
          html`<button
            type="button"
            aria-pressed=${name === preset}
            @click=${() => {
              acts.preset(name);
            }}
          >
            ${presetNames[name]}
          </button>`,
      )}
      ${button('←', 'Earlier', pan(-panPart))} ${button('→', 'Later', pan(panPart))} ${button('−', 'Zoom out', zoom(2))}
      ${button('+', 'Zoom in', zoom(0.5))}
    </div>
    <ul class="kinds">
      <li><i class="recorded"></i>recorded</li>
      ${gapKinds.map((kind) => html`<li><i class=${kind}></i>${kindTexts[kind]}</li>`)}
    </ul>
  </div>`;
}
