import { make, makeButton, setAttribute } from './dom';
import { holdable, watchGesture } from './gesture';
import type { Axis } from './ptz-status';
import { fromLever } from './velocity';

export interface ZoomEvents {
  /** Where the axis has a position. */
  placed(position: number): void;
  /** Where it has none, and for the buttons: 0 when let go. */
  driven(velocity: number): void;
}

const buttonSpeed = 0.6;
const keyStep = 0.05;

/** Zoom: a place to slide to where the head knows its zoom, else a lever that springs back. */
export class ZoomSlider {
  readonly root: HTMLElement;
  readonly #track: HTMLElement;
  readonly #thumb: HTMLElement;
  readonly #fill: HTMLElement;
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #ends: (() => void)[];
  readonly #events: ZoomEvents;
  #axis: Axis | undefined;
  #isEnabled = false;
  #isHeld = false;
  /** The place that was asked for; it is shown until the head rests. */
  #wanted: number | null = null;

  constructor(events: ZoomEvents) {
    this.#events = events;
    this.#fill = make('div', { class: 'fill' });
    this.#thumb = make('div', { class: 'thumb' });
    this.#track = make('div', { class: 'track', role: 'slider', tabindex: '0', 'aria-label': 'Zoom', 'aria-orientation': 'vertical', 'aria-valuemin': '0', 'aria-valuemax': '100' },
      make('div', { class: 'rail' }, this.#fill), this.#thumb);
    const closer = makeButton('step', 'Zoom in (+)', 'plus', null, () => {});
    const away = makeButton('step', 'Zoom out (-)', 'minus', null, () => {});
    this.#buttons = [closer, away];
    this.root = make('div', { class: 'zoom' }, closer, this.#track, away);
    this.#ends = [
      holdable(closer, () => events.driven(buttonSpeed), () => events.driven(0)),
      holdable(away, () => events.driven(-buttonSpeed), () => events.driven(0)),
      watchGesture(this.#track, {
        start: (event) => {
          if (!this.#isEnabled) return false;
          event.preventDefault();
          this.#track.focus({ preventScroll: true });
          this.#isHeld = true;
          return true;
        },
        move: (event) => this.#handleMove(event),
        end: () => this.#handleEnd(),
      }),
    ];
    this.#track.addEventListener('keydown', (event) => this.#handleKey(event));
  }

  letGo(): void {
    for (const end of this.#ends) end();
  }

  show(axis: Axis | undefined, enabled: boolean, isBusy: boolean): void {
    this.#axis = axis;
    this.root.hidden = axis === undefined;
    if (this.#isEnabled && !enabled) this.letGo();
    this.#isEnabled = enabled;
    for (const button of this.#buttons) button.disabled = !enabled;
    setAttribute(this.#track, 'aria-disabled', enabled ? false : 'true');
    setAttribute(this.root, 'data-lever', axis?.position === null);
    if (!isBusy && axis?.moving !== true && !this.#isHeld) this.#wanted = null;
    if (axis === undefined || axis.position === null) return this.#isHeld ? undefined : this.#place(0.5, null);
    const position = (axis.position - axis.min) / (axis.max - axis.min || 1);
    this.#place(this.#wanted ?? position, position);
  }

  #handleMove(event: PointerEvent): void {
    const box = this.#track.getBoundingClientRect();
    const half = this.#thumb.offsetHeight / 2;
    const share = Math.max(0, Math.min(1, (box.bottom - half - event.clientY) / (box.height - 2 * half)));
    if (this.#axis?.position === null) {
      this.#place(share, null);
      this.#events.driven(fromLever(share * 2 - 1));
    } else {
      this.#want(share);
    }
  }

  #handleEnd(): void {
    this.#isHeld = false;
    if (this.#axis?.position !== null) return;
    this.#place(0.5, null);
    this.#events.driven(0);
  }

  #handleKey(event: KeyboardEvent): void {
    const direction = event.key === 'ArrowUp' || event.key === 'ArrowRight' ? 1 : event.key === 'ArrowDown' || event.key === 'ArrowLeft' ? -1 : 0;
    if (direction === 0 || !this.#isEnabled || this.#axis?.position == null) return;
    event.preventDefault();
    const { position, min, max } = this.#axis;
    this.#want(Math.max(0, Math.min(1, (this.#wanted ?? (position - min) / (max - min || 1)) + direction * keyStep)));
  }

  #want(share: number): void {
    if (this.#axis === undefined || share === this.#wanted) return;
    const { min, max } = this.#axis;
    this.#wanted = share;
    this.#place(share, null);
    this.#events.placed(min + share * (max - min));
  }

  #place(thumb: number, fill: number | null): void {
    this.#thumb.style.setProperty('--share', thumb.toFixed(4));
    if (fill !== null) this.#fill.style.setProperty('transform', `scaleY(${fill.toFixed(4)})`);
    const percent = Math.round(thumb * 100);
    setAttribute(this.#track, 'aria-valuenow', String(percent));
    setAttribute(this.#track, 'aria-valuetext', this.#axis?.position === null ? 'lever' : `${percent} %`);
  }
}
