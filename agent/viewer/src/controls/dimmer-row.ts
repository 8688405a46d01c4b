import { make, setAttribute, setText } from './dom';
import type { DimmerView, GpioController } from './gpio-controller';

/** Milliseconds that the device may take to say what the finger asked for; the slider does not jump back and forth. */
const answerTime = 600;

/** One dimmed output. While it is dragged the slider is the finger's; otherwise the device's. */
export class DimmerRow {
  readonly #root: HTMLElement;
  readonly #label = make('span', { class: 'label' });
  readonly #value = make('output', {});
  readonly #detail = make('p', { class: 'detail' });
  readonly #message = make('p', { class: 'refusal', role: 'status', 'aria-live': 'polite' });
  readonly #slider = make('input', { type: 'range', min: '0', max: '100', step: '1' });
  #dimmer: DimmerView | null = null;
  #heldUntil = 0;

  constructor(controller: GpioController) {
    this.#slider.oninput = () => {
      this.#heldUntil = Number.POSITIVE_INFINITY;
      this.#showShare(Number(this.#slider.value));
      if (this.#dimmer !== null) controller.dim(this.#dimmer.name, Number(this.#slider.value) / 100);
    };
    this.#slider.onchange = () => { this.#heldUntil = performance.now() + answerTime; };
    this.#root = make('div', { class: 'dimmer' }, make('div', { class: 'main' }, this.#label, this.#value), this.#slider, this.#detail, this.#message);
  }

  /** @param common what hinders all and is said already. */
  show(dimmer: DimmerView, common: string | null): HTMLElement {
    this.#dimmer = dimmer;
    setText(this.#label, dimmer.label);
    setText(this.#detail, dimmer.hindrance !== null && dimmer.hindrance !== common ? dimmer.hindrance : '');
    setText(this.#message, dimmer.message ?? '');
    setAttribute(this.#slider, 'aria-label', dimmer.label);
    setAttribute(this.#root, 'data-fault', dimmer.fault !== null);
    this.#slider.disabled = dimmer.hindrance !== null;
    const share = Math.round(dimmer.duty * 100);
    if (performance.now() < this.#heldUntil && dimmer.hindrance === null && dimmer.message === null && share !== Number(this.#slider.value)) return this.#root;
    if (Number.isFinite(this.#heldUntil)) this.#heldUntil = 0;
    this.#slider.value = String(share);
    this.#showShare(share);
    return this.#root;
  }

  #showShare(share: number): void {
    setText(this.#value, `${share} %`);
    this.#slider.style.setProperty('--share', `${share}%`);
  }
}
