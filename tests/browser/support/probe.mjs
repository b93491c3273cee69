/** Runs in the page before anything else there: what the tests read of it. */
export function probe() {
  const canvasOf = (name) => document.querySelector(`[data-stream="${name}"] canvas`);

  /** The frame counter that the test source draws as blocks; undefined if there is none. See CounterBlocks.cs. */
  function counter(name) {
    const canvas = canvasOf(name);
    if (!canvas || canvas.height < 24) return undefined;
    const { width, height } = canvas;
    const context = canvas.getContext('2d');
    const row = (n) => context.getImageData(0, Math.floor((n * height) / 24), width, 1).data;
    const [upper, lower] = [row(21), row(23)];
    let value = 0;
    for (let cell = 0; cell < 34; cell++) {
      // Green alone: the blocks are black and white.
      const at = 4 * Math.floor(((2 * cell + 3) * width) / 72) + 1;
      const difference = upper[at] - lower[at];
      if (Math.abs(difference) < 64) return undefined;
      if (cell < 2 && difference > 0 !== (cell === 0)) return undefined;
      if (cell >= 2) value = value * 2 + Number(difference > 0);
    }
    return value;
  }

  /** Where the first thing begins that is drawn over a picture, on a line across it; as a share of the picture's width. */
  function overlayLeft(name, line) {
    const [picture, overlay] = document.querySelectorAll(`[data-stream="${name}"] canvas`);
    const { width, height } = overlay;
    const scale = Math.min(width / picture.width, height / picture.height);
    const [shownWidth, shownHeight] = [picture.width * scale, picture.height * scale];
    const [left, top] = [(width - shownWidth) / 2, (height - shownHeight) / 2];
    const y = Math.floor(top + line * shownHeight);
    const row = overlay.getContext('2d').getImageData(0, y, width, 1).data;
    const x = Array.from({ length: width }).findIndex((_, i) => row[4 * i + 3] > 0);
    return x < 0 ? undefined : (x + 0.5 - left) / shownWidth;
  }

  window.probe = {
    /** The counters as they appear on the canvas, each with Date.now() of its first appearance. */
    samples: [],
    counter,
    /** Begins to sample at each screen refresh. */
    sample(name) {
      const step = () => {
        const value = counter(name);
        if (value !== undefined && value !== this.samples.at(-1)?.[0]) this.samples.push([value, Date.now()]);
        requestAnimationFrame(step);
      };
      step();
    },
    /** What was drawn over each frame: its counter, its boxes, and where the first one is on a line across the picture. */
    overlaid: [],
    sampleOverlay(name, line) {
      const step = () => {
        const shown = window.framewire.overlaid.get(name);
        const value = counter(name);
        if (shown && value !== undefined && this.overlaid.at(-1)?.shown !== shown)
          this.overlaid.push({ shown, counter: value, left: overlayLeft(name, line) });
        requestAnimationFrame(step);
      };
      step();
    },
    /** The samples as they can be handed over. */
    overlays() {
      return this.overlaid.map(({ shown, counter, left }) => ({
        counter,
        left,
        sequence: Number(shown.sequence),
        boxes: shown.boxes.map((box) => ({ ...box, sequence: Number(box.sequence), trackId: Number(box.trackId) })),
      }));
    },
    /** A few of the canvas' pixels as a text. */
    pixels(name) {
      const canvas = canvasOf(name);
      if (!canvas || canvas.width === 16) return '';
      const { width, height } = canvas;
      const row = (at) => canvas.getContext('2d').getImageData(0, Math.floor(height * at), width, 1).data;
      return [0.2, 0.4, 0.6, 0.8].map((at) => row(at).join()).join(';');
    },
    state: (name) => document.querySelector(`[data-stream="${name}"]`)?.dataset.state,
    age: (name) => Number(document.querySelector(`[data-stream="${name}"] [data-age]`)?.dataset.age || NaN),
    isOver: (name) => document.querySelector(`[data-stream="${name}"] [data-age].over`) !== null,
    word: (name) => document.querySelector(`[data-stream="${name}"] .word`)?.textContent.trim(),
  };
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    console.error(`content security policy: ${violatedDirective} blocked ${blockedURI}`),
  );
}
