import { html, nothing, type TemplateResult } from 'lit';
import type { Recording } from '../../gen/framewire/v1/recordings_pb';

/** The warning that a recording does not go on although it should. */
export const stoppedText = (recording: Recording | undefined): TemplateResult | typeof nothing =>
  recording?.error ? html`<p class="stopped" role="alert">Recording has stopped: ${recording.error}</p>` : nothing;
