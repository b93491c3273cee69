import { html, type TemplateResult } from 'lit';
import { ageText } from '../format';
import { exportPath, inputText, inputTime } from './export';
import { lengthOf, type Stretch } from './stretch';

/** Chooses a stretch and downloads it as an MP4. */
export function exportLine(
  stream: string,
  stretch: Stretch,
  encode: boolean,
  chosen: (stretch: Stretch) => void,
): TemplateResult {
  const field = (label: string, side: keyof Stretch) =>
    html`<label>
      <span>${label}</span>
      <input
        type="datetime-local"
        step="1"
        .value=${inputText(stretch[side])}
        @change=${(event: Event) => {
          const time = inputTime((event.target as HTMLInputElement).value);
          if (time !== undefined) chosen({ ...stretch, [side]: time });
        }}
      />
    </label>`;
  const length = lengthOf(stretch);
  return html`<div class="export" role="group" aria-label="Export">
    ${field('From', 'from')} ${field('Until', 'until')}
    ${
      length > 0
        ? html`<a class="button" href=${exportPath(stream, stretch, encode)} download="${stream}.mp4"
            >Export MP4 <small>${ageText(length)}${encode ? ', encoded anew' : ''}</small></a
          >`
        : html`<span class="summary">The end is before the beginning.</span>`
    }
  </div>`;
}
