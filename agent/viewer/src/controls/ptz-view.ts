import { icon, make, makeButton, setAttribute, setText, type IconName } from './dom';
import { Joystick } from './joystick';
import type { Hindrance, PtzController } from './ptz-controller';
import type { PtzStatus } from './ptz-status';
import { still } from './velocity';
import { ZoomSlider } from './zoom-slider';

const hindranceIcons: Readonly<Record<Hindrance['kind'], IconName>> = { away: 'away', scope: 'lock', held: 'person', fault: 'warning', starting: 'clock' };

/** Milliseconds that a message stays. */
const messageTime = 5000;

/** The part that steers the head. Shows what the controller says, and tells it what is touched. */
export class PtzView {
  readonly root: HTMLElement;
  /** Another STOP at the edge of the window, for while the head moves and the first has been scrolled away. */
  readonly floatingStop: HTMLElement;
  readonly #controller: PtzController;
  readonly #pad = make('span', { class: 'pad', role: 'img', 'aria-label': 'Gamepad connected', hidden: true }, icon('pad'));
  readonly #joystick: Joystick;
  readonly #zoom: ZoomSlider;
  readonly #stop: HTMLButtonElement;
  readonly #home: HTMLButtonElement;
  readonly #more: HTMLButtonElement;
  readonly #setHome: HTMLButtonElement;
  readonly #release: HTMLButtonElement;
  readonly #take: HTMLButtonElement;
  readonly #drawer: HTMLElement;
  readonly #holder = make('span', { class: 'holder' });
  readonly #hindranceIcon = make('span', { class: 'sign' });
  readonly #hindranceWords = make('span', {});
  readonly #hindrance: HTMLElement;
  readonly #pads: HTMLElement;
  readonly #message = make('p', { class: 'message', role: 'status', 'aria-live': 'polite' });
  readonly #readout = make('dl', { class: 'readout' });
  readonly #values: readonly (readonly [string, HTMLElement, HTMLElement])[];
  readonly #dot = make('div', { class: 'dot' });
  readonly #map: HTMLElement;
  #messageTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(controller: PtzController) {
    this.#controller = controller;
    this.#joystick = new Joystick({
      moved: (velocity) => controller.drive('stick', { ...velocity, zoom: 0 }),
      released: () => controller.drive('stick', still),
    });
    this.#zoom = new ZoomSlider({
      placed: (position) => controller.zoomTo(position),
      driven: (zoom) => controller.drive('zoom', { pan: 0, tilt: 0, zoom }),
    });
    this.#stop = makeButton('stop', 'Stop (Escape)', null, 'STOP', () => controller.stop());
    this.floatingStop = make('div', { class: 'floating row', hidden: true }, makeButton('stop', 'Stop (Escape)', null, 'STOP', () => controller.stop()));
    this.#home = makeButton('home', 'Home', 'home', 'Home', () => void controller.home());
    this.#more = makeButton('more', 'More', 'more', null, () => this.#toggleDrawer());
    this.#setHome = makeButton('', 'Make this view home', 'pin', 'Make this view home', () => {
      this.#toggleDrawer(false);
      void controller.setHome();
    });
    this.#release = makeButton('', 'Give up control', 'person', 'Give up control', () => {
      this.#toggleDrawer(false);
      void controller.release();
    });
    this.#take = makeButton('take', 'Take over', null, 'Take over', () => void controller.take());
    this.#drawer = make('div', { class: 'drawer', id: 'head-more', hidden: true }, this.#setHome, this.#release);
    setAttribute(this.#more, 'aria-controls', 'head-more');
    setAttribute(this.#more, 'aria-expanded', 'false');
    this.#hindrance = make('div', { class: 'hindrance', role: 'status', hidden: true }, this.#hindranceIcon, this.#hindranceWords, this.#take);
    this.#pads = make('div', { class: 'pads' }, this.#joystick.root, this.#zoom.root);
    this.#map = make('div', { class: 'map', 'aria-hidden': 'true' }, this.#dot);
    this.#values = (['Pan', 'Tilt', 'Zoom'] as const).map((name) => {
      const [term, value] = [make('dt', {}), make('dd', {})];
      this.#readout.append(make('div', {}, term, value));
      return [name, term, value];
    });
    this.root = make('section', { class: 'card head', 'aria-label': 'Pan, tilt and zoom' },
      make('header', {}, make('h2', {}, 'Move'), this.#pad, this.#holder),
      make('div', { class: 'stage' }, this.#pads, this.#hindrance),
      make('div', { class: 'line' }, this.#map, this.#readout, this.#message),
      make('div', { class: 'row' }, this.#home, this.#more, this.#stop),
      this.#drawer);
  }

  /** Ends what is held. */
  letGo(): void {
    this.#joystick.letGo();
    this.#zoom.letGo();
  }

  disconnect(): void {
    clearTimeout(this.#messageTimer);
  }

  /** A pad is connected; null: none. */
  showPad(name: string | null): void {
    this.#pad.hidden = name === null;
    this.#pad.title = name ?? '';
  }

  /** What went wrong, or right, for a moment; on the line of the readings, so that nothing moves under a thumb. */
  say(words: string, kind: 'fault' | 'note'): void {
    clearTimeout(this.#messageTimer);
    setText(this.#message, words);
    this.#message.dataset['kind'] = kind;
    this.#messageTimer = setTimeout(() => setText(this.#message, ''), messageTime);
  }

  show(): void {
    const { status, hindrance, canSteer, canStop } = this.#controller;
    this.root.hidden = status === null;
    if (status === null) this.floatingStop.hidden = true;
    if (status === null) return;
    this.#showHindrance(hindrance);
    this.#joystick.enabled = canSteer;
    this.#joystick.show(status.axes.pan, status.axes.tilt);
    this.#zoom.show(status.axes.zoom, canSteer, this.#controller.isBusy);
    this.#stop.disabled = !canStop;
    this.#home.disabled = !canSteer || !status.hasHome;
    this.#home.title = status.hasHome ? 'Home (Home key)' : 'No home is set';
    this.#setHome.disabled = !canSteer;
    this.#more.disabled = !canSteer;
    if (!canSteer) this.#toggleDrawer(false);
    this.#release.disabled = status.holder?.you !== true;
    const isMoving = status.moving || this.#controller.isBusy;
    setAttribute(this.root, 'data-moving', isMoving);
    this.floatingStop.hidden = !isMoving || !canStop || this.#isStopInReach();
    this.#showHolder(status, hindrance);
    this.#showPosition(status);
  }

  /** Not scrolled away, nor under the picture, which stays at a phone's top. */
  #isStopInReach(): boolean {
    const box = this.#stop.getBoundingClientRect();
    const there = (this.root.getRootNode() as ShadowRoot).elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return this.#stop.contains(there) || this.floatingStop.contains(there);
  }

  #showHindrance(hindrance: Hindrance | null): void {
    this.#hindrance.hidden = hindrance === null;
    setAttribute(this.#pads, 'inert', hindrance !== null);
    if (hindrance === null) return;
    if (this.#hindrance.dataset['kind'] !== hindrance.kind) {
      this.#hindrance.dataset['kind'] = hindrance.kind;
      this.#hindranceIcon.replaceChildren(icon(hindranceIcons[hindrance.kind]));
    }

    setText(this.#hindranceWords, hindrance.words);
    this.#take.hidden = !this.#controller.canTake;
  }

  #showHolder(status: PtzStatus, hindrance: Hindrance | null): void {
    const { holder } = status;
    const isShown = hindrance === null || hindrance.kind === 'held';
    this.#holder.hidden = !isShown;
    this.#holder.dataset['who'] = holder === null ? 'nobody' : holder.you ? 'you' : 'other';
    setText(this.#holder, holder === null ? 'Free' : holder.you ? 'You are in control' : holder.name);
  }

  #showPosition({ axes, estimated }: PtzStatus): void {
    const { pan, tilt, zoom } = axes;
    const readings = [pan, tilt, zoom];
    this.#values.forEach(([name, term, value], i) => {
      const axis = readings[i];
      const cell = value.parentElement;
      if (cell !== null) cell.hidden = axis === undefined;
      if (axis === undefined) return;
      const sign = axis === zoom || axis.position === null || axis.position < 0 ? '' : '+';
      setText(value, axis.position === null ? '–' : `${sign}${Math.round(axis.position * 100)} %`.replace('-', '−'));
      setText(term, estimated && axis.position !== null ? `${name} ≈` : name);
      value.title = axis.atEnd !== null ? 'At its end' : estimated ? 'Reckoned, not measured' : '';
      setAttribute(value, 'data-end', axis.atEnd !== null);
    });
    const isKnown = pan?.position != null && tilt?.position != null;
    this.#map.hidden = !isKnown;
    if (!isKnown) return;
    this.#dot.style.setProperty('left', `${((pan.position + 1) * 50).toFixed(1)}%`);
    this.#dot.style.setProperty('top', `${((1 - tilt.position) * 50).toFixed(1)}%`);
  }

  #toggleDrawer(shown = this.#drawer.hidden): void {
    this.#drawer.hidden = !shown;
    setAttribute(this.#more, 'aria-expanded', String(shown));
  }
}
