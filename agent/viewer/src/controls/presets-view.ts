import { arrange, icon, make, makeButton, setAttribute, setText } from './dom';
import type { Preset } from './preset';
import type { PresetController } from './preset-controller';
import { PresetForm } from './preset-form';

/** What the view asks of whoever knows the head and the picture. */
export interface PresetActions {
  goTo(preset: Preset): void;
  /** A small JPEG of the present view, base64; null where there is none. */
  capture(): string | null;
  canSteer(): boolean;
}

interface Card {
  readonly root: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly picture: HTMLElement;
  readonly name: HTMLElement;
  readonly number: HTMLElement;
  source: string | null;
}

/** The head's presets as small pictures: a tap goes there. While they are edited, a tap opens one. */
export class PresetsView {
  readonly root: HTMLElement;
  readonly #controller: PresetController;
  readonly #actions: PresetActions;
  readonly #cards = new Map<string, Card>();
  readonly #grid = make('div', { class: 'presets' });
  readonly #add: HTMLButtonElement;
  readonly #edit: HTMLButtonElement;
  readonly #form: PresetForm;
  readonly #empty = make('p', { class: 'hint' }, 'None yet. Save a view, and come back to it with one tap.');
  #isEditing = false;
  #arrived: string | null = null;

  constructor(controller: PresetController, actions: PresetActions) {
    this.#controller = controller;
    this.#actions = actions;
    this.#edit = makeButton('text', 'Edit', null, 'Edit', () => this.#setEditing(!this.#isEditing));
    this.#add = makeButton('add', 'Save this view', 'plus', 'Save view', () => this.#form.open(null, this.#freeName(), actions.capture()));
    this.#form = new PresetForm({
      save: (name, picture, token) => controller.save(name, picture, token),
      remove: (preset) => controller.remove(preset),
      closed: () => (this.#isEditing ? this.#edit : this.#add).focus({ preventScroll: true }),
    });
    this.root = make('section', { class: 'card places', 'aria-label': 'Presets' },
      make('header', {}, make('h2', {}, 'Presets'), this.#edit), this.#form.root, this.#empty, this.#grid);
  }

  /** Marks the one that the head is sent to. */
  mark(token: string | null): void {
    this.#arrived = token;
    this.show();
  }

  show(): void {
    const { presets } = this.#controller;
    this.root.hidden = presets === null;
    if (presets === null) return;
    const canSteer = this.#actions.canSteer();
    if (!canSteer) this.#form.close();
    if (presets.length === 0 || !canSteer) this.#setEditing(false, false);
    this.#add.disabled = !canSteer;
    this.#edit.hidden = presets.length === 0;
    this.#edit.disabled = !canSteer;
    this.#empty.hidden = presets.length > 0;
    for (const token of this.#cards.keys()) if (!presets.some((preset) => preset.token === token)) this.#cards.delete(token);
    arrange(this.#grid, [...presets.map((preset, i) => this.#showCard(preset, i, canSteer)), this.#add]);
  }

  #showCard(preset: Preset, index: number, canSteer: boolean): HTMLElement {
    const card = this.#cards.get(preset.token) ?? this.#makeCard(preset.token);
    const scope = this.#controller.missingScope(preset);
    setText(card.name, preset.name);
    setText(card.number, index < 9 ? String(index + 1) : '');
    card.button.disabled = !canSteer || scope !== null;
    const words = this.#isEditing ? `Change ${preset.name}` : `Go to ${preset.name}`;
    setAttribute(card.button, 'aria-label', words);
    card.button.title = scope !== null ? `It takes the scope “${scope}”` : index < 9 && !this.#isEditing ? `${words} (${index + 1})` : words;
    setAttribute(card.button, 'data-there', this.#arrived === preset.token);
    const source = this.#controller.thumbnail(preset.token);
    if (source === card.source) return card.root;
    card.source = source;
    card.picture.replaceChildren(source === null ? icon('view') : make('img', { src: `data:image/jpeg;base64,${source}`, alt: '', draggable: 'false' }));
    return card.root;
  }

  #makeCard(token: string): Card {
    const picture = make('span', { class: 'picture' }, icon('view'));
    const name = make('span', { class: 'name' });
    const number = make('kbd', { 'aria-hidden': 'true' });
    const button = make('button', { type: 'button', class: 'preset' }, picture, number, name);
    button.onclick = () => this.#choose(token);
    const card: Card = { root: button, button, picture, name, number, source: null };
    this.#cards.set(token, card);
    return card;
  }

  #choose(token: string): void {
    const preset = this.#controller.presets?.find((each) => each.token === token);
    if (preset === undefined) return;
    if (this.#isEditing) this.#form.open(preset, preset.name, this.#actions.capture(), this.#controller.thumbnail(token));
    else this.#actions.goTo(preset);
  }

  #setEditing(editing: boolean, thenShow = true): void {
    if (this.#isEditing === editing) return;
    this.#isEditing = editing;
    setText(this.#edit, editing ? 'Done' : 'Edit');
    setAttribute(this.#edit, 'aria-label', false);
    setAttribute(this.root, 'data-editing', editing);
    if (!editing) this.#form.close();
    if (thenShow) this.show();
  }

  #freeName(): string {
    const names = new Set(this.#controller.presets?.map(({ name }) => name));
    for (let i = (this.#controller.presets?.length ?? 0) + 1; ; i++) if (!names.has(`View ${i}`)) return `View ${i}`;
  }
}
