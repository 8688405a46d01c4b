import type { EdgeCamViewer } from '../element';
import { Access } from './access';
import { Gamepads } from './gamepad';
import { GpioController } from './gpio-controller';
import { GpioView } from './gpio-view';
import { Keyboard } from './keyboard';
import type { KeyAct } from './keys';
import type { Preset } from './preset';
import { PresetController } from './preset-controller';
import { PresetsView } from './presets-view';
import { PtzController } from './ptz-controller';
import { PtzView } from './ptz-view';
import { readMembers } from './reading';
import { RecordingController } from './recording-controller';
import { RecordingView } from './recording-view';
import { takeThumbnail } from './snapshot';
import { realTimers } from './timers';
import { still } from './velocity';

/** All that belongs to one viewer: the controllers, their views, and what feeds them. */
export class Parts {
  readonly #host: HTMLElement;
  readonly #viewer: EdgeCamViewer;
  readonly #panel: HTMLElement;
  readonly #access = new Access();
  readonly #ptz: PtzController;
  readonly #presets: PresetController;
  readonly #gpio: GpioController;
  readonly #recordings: RecordingController;
  readonly #ptzView: PtzView;
  readonly #presetsView: PresetsView;
  readonly #gpioView: GpioView;
  readonly #recordingView: RecordingView;
  readonly #keyboard: Keyboard;
  readonly #gamepads: Gamepads;
  readonly #listening = new AbortController();
  #isShowing = false;
  #told = { head: false, lines: false };

  constructor(host: HTMLElement, viewer: EdgeCamViewer, panel: HTMLElement) {
    this.#host = host;
    this.#viewer = viewer;
    this.#panel = panel;
    const changed = (): void => this.#showSoon();
    const said = (words: string, kind: 'fault' | 'note'): void => this.#ptzView.say(words, kind);
    this.#ptz = new PtzController(viewer.control, this.#access, realTimers, { changed, said, presetsChanged: () => this.#presets.handleChanged() });
    this.#presets = new PresetController(viewer.control, this.#access, realTimers, { changed, said });
    this.#gpio = new GpioController(viewer.control, this.#access, realTimers, changed);
    this.#recordings = new RecordingController(viewer.control, this.#access, realTimers, () => viewer.cameraName, changed);
    this.#ptzView = new PtzView(this.#ptz);
    this.#presetsView = new PresetsView(this.#presets, { goTo: (preset) => this.#goTo(preset), capture: () => takeThumbnail(viewer.video), canSteer: () => this.#ptz.canSteer });
    this.#gpioView = new GpioView(this.#gpio);
    this.#recordingView = new RecordingView(this.#recordings);
    this.#keyboard = new Keyboard(realTimers, {
      drive: (velocity) => this.#ptz.drive('keys', velocity),
      act: (act) => this.#act(act),
      isOurs: (path) => path.includes(viewer) || path.includes(host) || path[0] === document.body || path[0] === document.documentElement,
      isActive: () => this.#ptz.status !== null,
    });
    this.#gamepads = new Gamepads({
      drive: (velocity) => this.#ptz.drive('pad', velocity),
      stop: () => this.#ptz.stop(),
      connected: (name) => this.#ptzView.showPad(name),
    });
    this.#panel.replaceChildren(this.#ptzView.root, this.#presetsView.root, this.#gpioView.root, this.#recordingView.root, this.#ptzView.floatingStop);
    this.#listen();
    if (viewer.control.isOpen) this.#handleOpen();
    else this.#show();
  }

  close(): void {
    this.#leave();
    this.#listening.abort();
    this.#keyboard.disconnect();
    this.#gamepads.disconnect();
    this.#handleClose();
    this.#ptzView.disconnect();
    this.#gpioView.disconnect();
    this.#panel.replaceChildren();
    this.#host.toggleAttribute('data-empty', true);
    this.#tellParts({ head: false, lines: false });
  }

  #listen(): void {
    const { signal } = this.#listening;
    this.#viewer.addEventListener('controlopen', () => this.#handleOpen(), { signal });
    this.#viewer.addEventListener('controlclose', () => this.#handleClose(), { signal });
    this.#viewer.addEventListener('camerachanging', (event) => this.#handleCamera((event as CustomEvent<boolean>).detail), { signal });
    this.#viewer.addEventListener('message', (event) => {
      const { method, params } = readMembers((event as CustomEvent).detail);
      if (typeof method === 'string') this.#handleNotification(method, params);
    }, { signal });
    addEventListener('blur', () => this.#letGo(), { signal });
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.#leave(); }, { signal });
    addEventListener('pagehide', () => this.#leave(), { signal, capture: true }); // before the viewer hangs up
    this.#keyboard.connect();
    this.#gamepads.connect();
  }

  /** Each session is asked anew: what a device can do, and who may, changes from one to the next. */
  #handleOpen(): void {
    this.#access.reset();
    const access = this.#access.ask(this.#viewer.control).then(() => {
      this.#ptz.handleAccess();
      this.#gpio.handleAccess();
    });
    // What steers comes first.
    void Promise.allSettled([access, this.#ptz.handleOpen(), this.#presets.handleOpen(), this.#gpio.handleOpen()]).then(() => {
      if (this.#viewer.control.isOpen && !this.#listening.signal.aborted) void this.#recordings.handleOpen();
    });
  }

  #handleClose(): void {
    this.#letGo();
    this.#ptz.handleClose();
    this.#presets.handleClose();
    this.#gpio.handleClose();
    this.#recordings.handleClose();
  }

  /** Head and presets are the camera's. Lines are the device's, and a recording that is being fetched comes from the device, too. */
  #handleCamera(isTurning: boolean): void {
    if (isTurning) {
      this.#letGo();
      this.#ptz.handleClose();
      this.#presets.handleClose();
    } else if (this.#viewer.control.isOpen) {
      void Promise.allSettled([this.#ptz.handleOpen(), this.#presets.handleOpen()]).then(() => {
        if (this.#viewer.control.isOpen && !this.#listening.signal.aborted) void this.#recordings.handleCamera();
      });
    }
  }

  #handleNotification(method: string, params: unknown): void {
    this.#ptz.handleNotification(method, params);
    this.#gpio.handleNotification(method, params);
  }

  #goTo(preset: Preset): void {
    this.#presetsView.mark(preset.token);
    void this.#ptz.goTo(preset.token);
  }

  #act(act: Exclude<KeyAct, { kind: 'drive' }>): void {
    if (act.kind === 'stop') return this.#ptz.stop();
    if (act.kind === 'home') return void this.#ptz.home();
    const preset = this.#presets.presets?.[act.number - 1];
    if (preset !== undefined && this.#presets.missingScope(preset) === null) this.#goTo(preset);
  }

  /** What is held here is held no more, whatever the fingers do. */
  #letGo(): void {
    this.#ptzView.letGo();
    this.#keyboard.letGo();
    this.#ptz.drive('pad', still);
    this.#ptz.letGo();
  }

  #leave(): void {
    this.#letGo();
    this.#ptz.leave();
  }

  /** Many things change at once, and a screen shows them once. */
  #showSoon(): void {
    if (this.#isShowing) return;
    this.#isShowing = true;
    queueMicrotask(() => {
      this.#isShowing = false;
      if (!this.#listening.signal.aborted) this.#show();
    });
  }

  #show(): void {
    this.#ptzView.show();
    this.#presetsView.show();
    if (this.#ptz.status === null) this.#presetsView.root.hidden = true; // no head, no places
    this.#gpioView.show();
    this.#recordingView.show();
    this.#host.toggleAttribute('data-empty', [...this.#panel.children].every((part) => (part as HTMLElement).hidden));
    this.#tellParts({ head: !this.#ptzView.root.hidden, lines: !this.#gpioView.root.hidden });
  }

  #tellParts(shown: { head: boolean; lines: boolean }): void {
    if (shown.head === this.#told.head && shown.lines === this.#told.lines) return;
    this.#told = shown;
    this.#host.dispatchEvent(new CustomEvent('partschange', { detail: shown, bubbles: true, composed: true }));
  }
}
