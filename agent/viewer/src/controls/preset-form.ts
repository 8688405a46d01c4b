import { make, makeButton, setText } from './dom';
import type { Preset } from './preset';

export interface PresetFormActions {
  save(name: string, picture: string | null, token: string | null): Promise<boolean>;
  remove(preset: Preset): Promise<boolean>;
  closed(): void;
}

const longestName = '64';

/** Names a new preset, or replaces or removes one. What cannot be taken back is asked for twice, in the page itself. */
export class PresetForm {
  readonly root: HTMLFormElement;
  readonly #actions: PresetFormActions;
  readonly #picture = make('img', { alt: '', class: 'shot' });
  readonly #title = make('p', { class: 'title' });
  readonly #name = make('input', { type: 'text', maxlength: longestName, required: true, 'aria-label': 'Name', autocomplete: 'off', enterkeyhint: 'done' });
  readonly #save: HTMLButtonElement;
  readonly #remove: HTMLButtonElement;
  readonly #buttons: HTMLElement;
  readonly #question: HTMLElement;
  readonly #questionWords = make('p', {});
  readonly #sure: HTMLButtonElement;
  #preset: Preset | null = null;
  #shot: string | null = null;

  constructor(actions: PresetFormActions) {
    this.#actions = actions;
    this.#save = make('button', { type: 'submit', class: 'main' });
    this.#remove = makeButton('danger', 'Remove', null, 'Remove', () => this.#ask(true));
    this.#sure = makeButton('danger sure', 'Remove', null, 'Remove', () => void this.#run(() => this.#preset === null ? Promise.resolve(true) : actions.remove(this.#preset)));
    this.#question = make('div', { class: 'question', role: 'alertdialog', 'aria-label': 'Remove it?', hidden: true },
      this.#questionWords, make('div', { class: 'row' }, makeButton('', 'Keep it', null, 'Keep it', () => this.#ask(false)), this.#sure));
    this.#buttons = make('div', { class: 'row actions' }, this.#remove, makeButton('', 'Cancel', null, 'Cancel', () => this.#leave()), this.#save);
    this.root = make('form', { class: 'preset-form', hidden: true },
      make('div', { class: 'entry' }, this.#picture, make('div', {}, this.#title, this.#name)), this.#buttons,
      this.#question);
    this.root.onsubmit = (event) => {
      event.preventDefault();
      const name = this.#name.value.trim();
      if (name !== '') void this.#run(() => actions.save(name, this.#shot, this.#preset?.token ?? null));
    };
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation(); // here it is no stop
      if (this.#question.hidden) this.#leave();
      else this.#ask(false);
    });
  }

  /** @param kept the thumbnail of the preset, which shows which one it is. */
  open(preset: Preset | null, name: string, shot: string | null, kept: string | null = null): void {
    this.#preset = preset;
    this.#shot = shot;
    const shown = preset === null ? shot : kept;
    this.#picture.hidden = shown === null;
    if (shown !== null) this.#picture.src = `data:image/jpeg;base64,${shown}`;
    setText(this.#title, preset === null ? 'Save this view as' : `Replace “${preset.name}” by this view`);
    setText(this.#save, preset === null ? 'Save' : 'Replace');
    this.#remove.hidden = preset === null;
    this.#name.value = name;
    this.#ask(false, false);
    this.#setBusy(false);
    this.root.hidden = false;
    this.root.scrollIntoView({ block: 'nearest' });
    this.#name.focus({ preventScroll: true });
    this.#name.select();
  }

  close(): void {
    this.root.hidden = true;
    this.#preset = null;
  }

  #leave(): void {
    this.close();
    this.#actions.closed();
  }

  #ask(asked: boolean, thenFocus = true): void {
    this.#question.hidden = !asked;
    this.#buttons.hidden = asked;
    setText(this.#questionWords, `Remove “${this.#preset?.name ?? ''}”? It cannot be brought back.`);
    if (thenFocus) (asked ? this.#sure : this.#name).focus({ preventScroll: true });
  }

  async #run(act: () => Promise<boolean>): Promise<void> {
    this.#setBusy(true);
    const done = await act();
    this.#setBusy(false);
    if (done) this.#leave();
  }

  #setBusy(busy: boolean): void {
    for (const button of [this.#save, this.#remove, this.#sure]) button.disabled = busy;
    this.root.setAttribute('aria-busy', String(busy));
  }
}
