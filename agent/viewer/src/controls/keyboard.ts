import { actOfKey, HeldKeys, type KeyAct } from './keys';
import { Later, type Timers } from './timers';
import { still, type Velocity } from './velocity';

/** Milliseconds: how often a key that is held is looked at, for it speeds up. */
const step = 50;

export interface KeyboardTarget {
  drive(velocity: Velocity): void;
  act(act: Exclude<KeyAct, { kind: 'drive' }>): void;
  /** Whether keys pressed there are meant for the head. */
  isOurs(path: readonly EventTarget[]): boolean;
  /** Nothing is steered where there is no head: then the page keeps its keys. */
  isActive(): boolean;
}

/** The keyboard as a stick. It listens to the whole page, and leaves alone what belongs to a text field, a slider or another control. */
export class Keyboard {
  readonly #target: KeyboardTarget;
  readonly #held: HeldKeys;
  readonly #next: Later;

  constructor(timers: Timers, target: KeyboardTarget) {
    this.#target = target;
    this.#held = new HeldKeys(timers);
    this.#next = new Later(timers);
  }

  connect(): void {
    document.addEventListener('keydown', this.#onKeyDown);
    document.addEventListener('keyup', this.#onKeyUp);
  }

  disconnect(): void {
    document.removeEventListener('keydown', this.#onKeyDown);
    document.removeEventListener('keyup', this.#onKeyUp);
    this.letGo();
  }

  letGo(): void {
    this.#held.clear();
    this.#next.clear();
    this.#target.drive(still);
  }

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing || !this.#target.isActive()) return;
    const act = actOfKey(event.key);
    const path = event.composedPath();
    if (act === null || !this.#target.isOurs(path) || belongsElsewhere(path[0], event.key)) return;
    if (event.key !== 'Escape') event.preventDefault(); // Escape may have to end full screen too
    if (event.repeat) return;
    if (act.kind !== 'drive') return this.#target.act(act);
    this.#held.press(placeOf(event), act.velocity);
    this.#drive();
  };

  readonly #onKeyUp = (event: KeyboardEvent): void => {
    if (this.#held.release(placeOf(event))) this.#drive();
    // A Mac tells of no release while its command key is down.
    else if (event.key === 'Meta' && this.#held.any) this.letGo();
  };

  #drive(): void {
    this.#target.drive(this.#held.velocity);
    if (this.#held.any) this.#next.set(step, () => this.#drive());
    else this.#next.clear();
  }
}

function placeOf(event: KeyboardEvent): string {
  return event.code === '' ? event.key : event.code;
}

/** Text is text, and a slider or list has its own use for arrows and digits. */
function belongsElsewhere(target: EventTarget | undefined, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return target.type !== 'range' || key !== 'Escape';
  return target.getAttribute('role') === 'slider' && /^(Arrow|Home)/.test(key);
}
