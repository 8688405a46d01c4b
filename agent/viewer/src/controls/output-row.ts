import { make, makeButton, setAttribute, setText } from './dom';
import type { GpioController, LineView } from './gpio-controller';

const pulses = [[500, '½ s'], [1000, '1 s'], [3000, '3 s'], [10_000, '10 s'], [60_000, '1 min']] as const;

/** One output: a lamp that shows what the device says of it, and a switch that asks for the contrary. */
export class OutputRow {
  readonly #controller: GpioController;
  readonly #root: HTMLElement;
  readonly #label = make('span', { class: 'label' });
  readonly #detail = make('span', { class: 'detail' });
  readonly #message = make('p', { class: 'refusal', role: 'status', 'aria-live': 'polite' });
  readonly #switch = make('button', { type: 'button', role: 'switch', class: 'switch' }, make('span', { class: 'handle' }));
  readonly #pulse: HTMLButtonElement;
  readonly #choices: HTMLElement;
  readonly #left = make('div', { class: 'time-left' });
  #line: LineView | null = null;

  constructor(controller: GpioController) {
    this.#controller = controller;
    this.#pulse = makeButton('pulse', 'Pulse: on for a while', 'clock', null, () => this.#toggleChoices());
    setAttribute(this.#pulse, 'aria-expanded', 'false');
    this.#choices = make('div', { class: 'choices', role: 'group', 'aria-label': 'On for', hidden: true }, make('span', {}, 'On for'),
      ...pulses.map(([milliseconds, words]) => makeButton('', words, null, words, () => {
        this.#toggleChoices(false);
        if (this.#line !== null) void controller.pulse(this.#line.name, milliseconds);
      })));
    this.#switch.onclick = () => {
      if (this.#line !== null) void this.#controller.write(this.#line.name, this.#line.value !== true);
    };
    this.#root = make('div', { class: 'output' },
      make('div', { class: 'main' }, make('span', { class: 'lamp', 'aria-hidden': 'true' }), make('div', { class: 'words' }, this.#label, this.#detail), this.#pulse, this.#switch),
      this.#left, this.#choices, this.#message);
  }

  /** @param common what hinders all and is said already. */
  show(line: LineView, common: string | null, labels: ReadonlyMap<string, string>): HTMLElement {
    this.#line = line;
    const isUsable = line.hindrance === null;
    setText(this.#label, line.label);
    setText(this.#detail, detailOf(line, common, labels));
    setText(this.#message, line.message ?? '');
    setAttribute(this.#root, 'data-on', line.value === true);
    setAttribute(this.#root, 'data-fault', line.fault !== null);
    setAttribute(this.#root, 'data-busy', line.busy);
    setAttribute(this.#switch, 'aria-checked', line.value === null ? 'mixed' : String(line.value));
    setAttribute(this.#switch, 'aria-label', line.label);
    setAttribute(this.#switch, 'aria-busy', line.busy ? 'true' : false);
    setAttribute(this.#switch, 'title', line.hindrance ?? false);
    this.#switch.disabled = !isUsable;
    this.#pulse.disabled = !isUsable || line.busy;
    setAttribute(this.#pulse, 'aria-label', `Pulse ${line.label}: on for a while`);
    if (!isUsable) this.#toggleChoices(false);
    this.#left.hidden = line.pulseLeft === null;
    if (line.pulseLeft !== null) this.#left.style.setProperty('transform', `scaleX(${Math.min(1, line.pulseLeft / line.pulseLength).toFixed(3)})`);
    return this.#root;
  }

  #toggleChoices(shown = this.#choices.hidden): void {
    this.#choices.hidden = !shown;
    setAttribute(this.#pulse, 'aria-expanded', String(shown));
  }
}

function detailOf(line: LineView, common: string | null, labels: ReadonlyMap<string, string>): string {
  if (line.hindrance !== null && line.hindrance !== common) return line.hindrance;
  if (line.pulseLeft !== null) return `Off in ${line.pulseLeft < 10_000 ? (line.pulseLeft / 1000).toFixed(1) : Math.ceil(line.pulseLeft / 1000)} s`;
  const rules = [
    line.maxOnSeconds === null ? null : `at most ${line.maxOnSeconds} s`,
    line.interlock.length === 0 ? null : `never with ${line.interlock.map((name) => labels.get(name) ?? name).join(', ')}`,
  ].filter((rule) => rule !== null).join(' · ');
  return rules === '' ? '' : rules.charAt(0).toUpperCase() + rules.slice(1);
}
