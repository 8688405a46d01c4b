import { arrange, icon, make, setAttribute, setText } from './dom';
import { DimmerRow } from './dimmer-row';
import type { GpioController } from './gpio-controller';
import { InputRow } from './input-row';
import { OutputRow } from './output-row';

/** Milliseconds: how often the time left of a pulse is shown anew, and how long ago an input changed. */
const pulseStep = 100;
const ageStep = 5000;

/** The device's outputs, inputs and dimmers, each a row of its own. */
export class GpioView {
  readonly root: HTMLElement;
  readonly #controller: GpioController;
  readonly #outputs = new Map<string, OutputRow>();
  readonly #inputs = new Map<string, InputRow>();
  readonly #dimmers = new Map<string, DimmerRow>();
  readonly #outputList = make('div', { class: 'rows' });
  readonly #dimmerList = make('div', { class: 'rows' });
  readonly #inputList = make('div', { class: 'lamps' });
  readonly #noteWords = make('span', {});
  readonly #note: HTMLElement;
  readonly #inputTitle = make('h3', {}, 'Inputs');
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(controller: GpioController) {
    this.#controller = controller;
    this.#note = make('p', { class: 'note', role: 'status', hidden: true }, icon('lock'), icon('away'), this.#noteWords);
    this.root = make('section', { class: 'card gpio', 'aria-label': 'Switches and inputs' },
      make('header', {}, make('h2', {}, 'Switches')), this.#note, this.#outputList, this.#dimmerList, this.#inputTitle, this.#inputList);
  }

  disconnect(): void {
    clearTimeout(this.#timer);
  }

  show(): void {
    const { lines, dimmers } = this.#controller;
    clearTimeout(this.#timer);
    this.root.hidden = lines.length + dimmers.length === 0;
    if (this.root.hidden) return;
    setAttribute(this.root, 'data-away', !this.#controller.isConnected);
    const outputs = lines.filter(({ direction }) => direction === 'output');
    const inputs = lines.filter(({ direction }) => direction === 'input');
    const common = this.#showNote([...outputs, ...dimmers]);
    const labels = new Map(lines.map(({ name, label }) => [name, label]));
    arrange(this.#outputList, outputs.map((line) => keep(this.#outputs, line.name, () => new OutputRow(this.#controller)).show(line, common, labels)));
    arrange(this.#dimmerList, dimmers.map((dimmer) => keep(this.#dimmers, dimmer.name, () => new DimmerRow(this.#controller)).show(dimmer, common)));
    arrange(this.#inputList, inputs.map((line) => keep(this.#inputs, line.name, () => new InputRow()).show(line)));
    this.#inputTitle.hidden = inputs.length === 0;
    const step = lines.some(({ pulseLeft }) => pulseLeft !== null) ? pulseStep : inputs.length > 0 ? ageStep : null;
    if (step !== null) this.#timer = setTimeout(() => this.show(), step);
  }

  /** What hinders all that work is said once; null where it is not the same for all. */
  #showNote(targets: readonly { readonly fault: string | null; readonly hindrance: string | null }[]): string | null {
    const reasons = new Set(targets.filter(({ fault }) => fault === null).map(({ hindrance }) => hindrance));
    const common = reasons.size === 1 ? ([...reasons][0] ?? null) : null;
    this.#note.hidden = common === null;
    if (common !== null) setText(this.#noteWords, common);
    return common;
  }
}

function keep<T>(rows: Map<string, T>, name: string, create: () => T): T {
  const row = rows.get(name) ?? create();
  rows.set(name, row);
  return row;
}
