import { make, makeButton, setAttribute, setText } from './dom';
import type { Recording, RecordingController } from './recording-controller';

/** One recording: when, how long, how large; to be saved, or deleted by a second press. */
export class RecordingRow {
  readonly #root: HTMLElement;
  readonly #controller: RecordingController;
  readonly #label = make('span', { class: 'label' });
  readonly #detail = make('span', { class: 'detail' });
  readonly #save: HTMLButtonElement;
  readonly #remove: HTMLButtonElement;
  #recording: Recording | null = null;
  #isAsking = false;

  constructor(controller: RecordingController) {
    this.#controller = controller;
    this.#save = makeButton('text', 'Save', null, 'Save', () => void this.#fetch());
    this.#remove = makeButton('text', 'Delete', null, 'Delete', () => this.#ask());
    this.#remove.onblur = () => this.#forget();
    this.#root = make('div', { class: 'output' }, make('div', { class: 'main' }, make('div', { class: 'words' }, this.#label, this.#detail), this.#save, this.#remove));
  }

  show(recording: Recording): HTMLElement {
    this.#recording = recording;
    const { start, seconds, bytes, label, open } = recording;
    const { fetching } = this.#controller;
    const time = start === null ? 'Clock not set' : new Date(start).toLocaleString();
    setText(this.#label, label ?? time);
    setText(this.#detail, [label === null ? '' : time, length(seconds), size(bytes), open ? 'going on' : ''].filter((part) => part !== '').join(' · '));
    const isMine = fetching?.id === recording.id;
    const name = label === null ? time : `${label}, ${time}`; // of several rows each button says whose it is
    const saving = isMine ? `${Math.floor(fetching.share * 100)} %` : 'Save';
    setText(this.#save.lastElementChild!, saving);
    setAttribute(this.#save, 'aria-label', `${saving}: ${name}`);
    this.#save.disabled = fetching !== null || bytes === 0;
    this.#remove.disabled = open || isMine || this.#controller.isBusy;
    setText(this.#remove.lastElementChild!, this.#isAsking ? 'Really?' : 'Delete');
    setAttribute(this.#remove, 'aria-label', `${this.#isAsking ? 'Really? Delete' : 'Delete'}: ${name}`);
    return this.#root;
  }

  #ask(): void {
    if (this.#recording === null) return;
    if (this.#isAsking) void this.#controller.remove(this.#recording);
    this.#isAsking = !this.#isAsking;
    this.show(this.#recording);
  }

  #forget(): void {
    this.#isAsking = false;
    if (this.#recording !== null) this.show(this.#recording);
  }

  async #fetch(): Promise<void> {
    if (this.#recording === null) return;
    const { id } = this.#recording;
    const bytes = await this.#controller.fetch(this.#recording);
    if (bytes === null) return;
    const address = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
    const link = make('a', { href: address, download: `${id}.mp4` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}

function length(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
