import { fromDeflection, fromLever, isStill, still, sum, type Velocity } from './velocity';

/** As much of a pad as is read; browsers order buttons and axes alike where mapping is "standard". */
export interface Pad {
  readonly axes: readonly number[];
  readonly buttons: readonly { readonly pressed: boolean; readonly value: number }[];
}

/** Of a worn stick's way: it seldom rests in its middle. */
const deadZone = 0.15;
/** In the standard mapping: the right lower button (B, a circle), and the two lower triggers. */
const stopButton = 1;
const triggers = { away: 6, closer: 7 } as const;

/** The left stick pans and tilts; the right one, up and down, zooms, and so do the triggers. */
export function readPad(pad: Pad): { velocity: Velocity; stop: boolean } {
  const axis = (index: number): number => pad.axes[index] ?? 0;
  const button = (index: number): number => pad.buttons[index]?.value ?? 0;
  const zoom = fromLever(-axis(3), deadZone) + fromLever(button(triggers.closer) - button(triggers.away), deadZone);
  return { velocity: sum([{ ...fromDeflection(axis(0), axis(1), deadZone), zoom }]), stop: pad.buttons[stopButton]?.pressed ?? false };
}

export interface GamepadTarget {
  drive(velocity: Velocity): void;
  stop(): void;
  connected(name: string | null): void;
}

/** Polls a pad with each picture of the screen, as pads are meant to be, and only while there is one. */
export class Gamepads {
  readonly #target: GamepadTarget;
  #frame: number | null = null;
  #wasStopping = false;
  #wasStill = true;

  constructor(target: GamepadTarget) {
    this.#target = target;
  }

  connect(): void {
    if (!('getGamepads' in navigator)) return;
    addEventListener('gamepadconnected', this.#onChange);
    addEventListener('gamepaddisconnected', this.#onChange);
    this.#onChange();
  }

  disconnect(): void {
    removeEventListener('gamepadconnected', this.#onChange);
    removeEventListener('gamepaddisconnected', this.#onChange);
    this.#rest();
  }

  #find(): Gamepad | null {
    try {
      return navigator.getGamepads().find((pad) => pad?.connected === true) ?? null;
    } catch {
      return null; // a permissions policy may forbid it
    }
  }

  readonly #onChange = (): void => {
    const pad = this.#find();
    this.#target.connected(pad?.id ?? null);
    if (pad === null) this.#rest();
    else if (this.#frame === null) this.#frame = requestAnimationFrame(this.#poll);
  };

  readonly #poll = (): void => {
    this.#frame = null;
    const pad = this.#find();
    if (pad === null) return this.#rest();
    this.#frame = requestAnimationFrame(this.#poll);
    const { velocity, stop } = readPad(pad);
    if (stop && !this.#wasStopping) this.#target.stop();
    this.#wasStopping = stop;
    if (!isStill(velocity) || !this.#wasStill) this.#target.drive(velocity);
    this.#wasStill = isStill(velocity);
  };

  #rest(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.#wasStill = true;
    this.#target.drive(still);
  }
}
