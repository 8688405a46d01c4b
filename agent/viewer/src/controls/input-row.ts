import { make, setAttribute, setText } from './dom';
import type { LineView } from './gpio-controller';

/** One input: a lamp, its name, and since when. */
export class InputRow {
  readonly #root: HTMLElement;
  readonly #label = make('span', { class: 'label' });
  readonly #state = make('span', { class: 'state' });

  constructor() {
    this.#root = make('div', { class: 'input' }, make('span', { class: 'lamp', 'aria-hidden': 'true' }), make('div', { class: 'words' }, this.#label, this.#state));
  }

  show(line: LineView): HTMLElement {
    setText(this.#label, line.label);
    const state = line.value === null ? 'unknown' : line.value ? 'on' : 'off';
    setText(this.#state, line.hindrance ?? (line.changedAt === null ? state : `${state} · ${age(Date.now() - line.changedAt)}`));
    this.#root.title = line.changedAt === null ? '' : `Since ${new Date(line.changedAt).toLocaleString()}`;
    setAttribute(this.#root, 'data-on', line.value === true);
    setAttribute(this.#root, 'data-fault', line.fault !== null);
    return this.#root;
  }
}

function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds - (seconds % 5)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
