import { arrange, make, makeButton, setAttribute, setText } from './dom';
import { RecordingRow } from './recording-row';
import type { RecordingController } from './recording-controller';

/** A button that records, and what was recorded last. */
export class RecordingView {
  readonly root: HTMLElement;
  readonly #controller: RecordingController;
  readonly #button: HTMLButtonElement;
  readonly #state = make('span', { class: 'holder', role: 'status' });
  readonly #words = make('p', { class: 'refusal', role: 'status' });
  readonly #list = make('div', { class: 'rows' });
  readonly #rows = new Map<string, RecordingRow>();

  constructor(controller: RecordingController) {
    this.#controller = controller;
    this.#button = makeButton('record', 'Record', null, 'Record', () => void controller.toggle());
    this.root = make('section', { class: 'card recordings', 'aria-label': 'Recordings' },
      make('header', {}, make('h2', {}, 'Recordings'), this.#state), make('div', { class: 'row' }, this.#button), this.#words, this.#list);
  }

  show(): void {
    const { state, isContinuous, isBusy, words, fault, recordings } = this.#controller;
    this.root.hidden = !this.#controller.isOffered;
    if (this.root.hidden) return;
    const isOn = state !== 'idle';
    this.#button.hidden = isContinuous;
    this.#button.disabled = isBusy;
    setText(this.#button.lastElementChild!, isOn ? 'Stop recording' : 'Record');
    setAttribute(this.#button, 'data-on', isOn);
    const shown = { idle: '', waiting: 'waits for a picture', recording: 'recording', full: 'no room', failed: 'does not record' }[state];
    setText(this.#state, shown);
    this.#state.hidden = shown === '';
    setAttribute(this.#state, 'data-who', state === 'recording' ? 'you' : 'other');
    setText(this.#words, fault ?? words ?? '');
    for (const id of this.#rows.keys()) if (!recordings.some((recording) => recording.id === id)) this.#rows.delete(id);
    arrange(this.#list, recordings.map((recording) => {
      const row = this.#rows.get(recording.id) ?? new RecordingRow(this.#controller);
      this.#rows.set(recording.id, row);
      return row.show(recording);
    }));
  }
}
