import { icon, make, setAttribute } from './dom';
import { watchGesture } from './gesture';
import type { Axis } from './ptz-status';
import { fromDeflection } from './velocity';

export interface JoystickEvents {
  moved(velocity: { pan: number; tilt: number }): void;
  released(): void;
}

const sides = ['up', 'right', 'down', 'left'] as const;

/** A round stick under a finger or mouse; what it means is fromDeflection's. */
export class Joystick {
  readonly root: HTMLElement;
  /** Ends what is held, for whoever looks elsewhere. */
  readonly letGo: () => void;
  readonly #knob: HTMLElement;
  readonly #marks = new Map<string, Element>();
  #isEnabled = false;

  constructor(events: JoystickEvents) {
    this.#knob = make('div', { class: 'knob' });
    this.root = make('div', { class: 'joystick', tabindex: '0', role: 'group', 'aria-label': 'Pan and tilt: drag, or use the arrow keys' }, make('div', { class: 'middle' }));
    for (const side of sides) {
      const mark = icon('chevron');
      mark.classList.add('mark', side);
      this.#marks.set(side, mark);
      this.root.append(mark);
    }

    this.root.append(this.#knob);
    this.letGo = watchGesture(this.root, {
      start: (event) => {
        if (!this.#isEnabled) return false;
        event.preventDefault(); // no selection, no drag of anything else
        this.root.focus({ preventScroll: true });
        this.root.dataset['held'] = '';
        return true;
      },
      move: (event) => {
        const box = this.root.getBoundingClientRect();
        const way = (box.width - this.#knob.offsetWidth) / 2;
        const [x, y] = [(event.clientX - box.left - box.width / 2) / way, (event.clientY - box.top - box.height / 2) / way];
        const beyond = Math.max(1, Math.hypot(x, y));
        this.#place((x / beyond) * way, (y / beyond) * way);
        events.moved(fromDeflection(x, y));
      },
      end: () => {
        delete this.root.dataset['held'];
        this.#place(0, 0);
        events.released();
      },
    });
  }

  set enabled(enabled: boolean) {
    if (this.#isEnabled === enabled) return;
    this.#isEnabled = enabled;
    if (!enabled) this.letGo();
    setAttribute(this.root, 'aria-disabled', enabled ? false : 'true');
  }

  /** Ends that are reached, and axes that are not there. */
  show(pan: Axis | undefined, tilt: Axis | undefined): void {
    for (const [side, axis, end] of [['right', pan, 'max'], ['left', pan, 'min'], ['up', tilt, 'max'], ['down', tilt, 'min']] as const) {
      const mark = this.#marks.get(side);
      mark?.classList.toggle('end', axis?.atEnd === end);
      mark?.classList.toggle('none', axis === undefined);
    }
  }

  /** By the object model: a style attribute would break the page's policy. */
  #place(x: number, y: number): void {
    this.#knob.style.setProperty('transform', x === 0 && y === 0 ? '' : `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`);
  }
}
