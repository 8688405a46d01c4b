import type { EdgeCamViewer } from '../element';
import { applyStyles } from '../styles';
import styles from './controls.css';
import { make } from './dom';
import { Parts } from './parts';

/**
 * What steers the device that a viewer shows: the camera's head, its presets, and inputs and outputs.
 *
 *     <edgecam-viewer id="porch" device="front-door" controls autoplay></edgecam-viewer>
 *     <edgecam-controls for="porch"></edgecam-controls>
 *
 * Attribute `for`: the viewer's id; or property `viewer`: the viewer itself. What the device lacks is not shown; where it lacks all,
 * or is not known yet, the element carries the attribute `data-empty` and takes no room. Keys (arrows, + and -, Home, Escape, digits)
 * work on the viewer, here, and on the page where nothing else has the focus.
 * Event: `partschange` (`detail`: which of `head` and `lines` are shown).
 * Style: custom properties `--edgecam-accent -warn -bad -panel -line`.
 */
export class EdgeCamControls extends HTMLElement {
  static readonly observedAttributes = ['for'];

  #viewer: EdgeCamViewer | null = null;
  #parts: Parts | null = null;
  readonly #panel = make('div', { class: 'panel' });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.append(this.#panel);
    applyStyles(root, styles, 'edgecam-controls.css');
  }

  get viewer(): EdgeCamViewer | null {
    return this.#viewer;
  }

  set viewer(viewer: EdgeCamViewer | null) {
    if (viewer === this.#viewer) return;
    this.#unbind();
    this.#viewer = viewer;
    if (this.isConnected) this.#bind();
  }

  connectedCallback(): void {
    if (this.#parts === null) this.toggleAttribute('data-empty', true);
    this.#findViewer();
    this.#bind();
  }

  disconnectedCallback(): void {
    this.#unbind();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#findViewer();
  }

  #findViewer(): void {
    const id = this.getAttribute('for');
    if (id === null) return;
    // The viewer may stand further down in the page, or be no viewer yet.
    void customElements.whenDefined('edgecam-viewer').then(() => {
      if (!this.isConnected || this.getAttribute('for') !== id) return;
      const found = (this.getRootNode() as Document | ShadowRoot).getElementById(id);
      this.viewer = found?.localName === 'edgecam-viewer' ? (found as EdgeCamViewer) : null;
    });
  }

  #bind(): void {
    if (this.#viewer === null || this.#parts !== null) return;
    this.#parts = new Parts(this, this.#viewer, this.#panel);
  }

  #unbind(): void {
    this.#parts?.close();
    this.#parts = null;
  }
}

if (customElements.get('edgecam-controls') === undefined) customElements.define('edgecam-controls', EdgeCamControls);

declare global {
  interface HTMLElementTagNameMap {
    'edgecam-controls': EdgeCamControls;
  }
}
