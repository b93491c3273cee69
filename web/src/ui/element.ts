import { LitElement } from 'lit';

/** An element of the page. Without a shadow root: one style sheet serves all, and the page can be looked into from outside. */
export abstract class PageElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
