import styles from './element.css';
import type { Quality } from './selector';
import { applyStyles } from './styles';
import type { ViewerState } from './words';

const icons = {
  stop: '<path d="M7 7h10v10H7z"/>',
  play: '<path d="M8 5.5v13l10.5-6.5z"/>',
  statistics: '<path d="M4 19h16M7 15.5v-4M12 15.5V6M17 15.5v-7"/>',
  snapshot: '<path d="M4 8.5A1.5 1.5 0 0 1 5.5 7H8l1.5-2h5L16 7h2.5A1.5 1.5 0 0 1 20 8.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5z"/><circle cx="12" cy="13" r="3.5"/>',
  fullScreen: '<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>',
};

const html = `
<div class="stage" part="stage" tabindex="0" role="group" data-state="idle">
  <video part="video" playsinline autoplay muted disableremoteplayback></video>
  <div class="flash"></div>
  <div class="notice" part="notice">
    <div class="spinner"></div>
    <div class="headline"></div>
    <div class="detail"></div>
    <button class="again" type="button" hidden></button>
  </div>
  <div class="badge" part="badge"><span class="dot"></span><span class="words"></span><span class="name"></span></div>
  <div class="note" part="note" hidden></div>
  <div class="statistics" part="statistics" hidden>
    <svg viewBox="0 0 60 30" preserveAspectRatio="none" aria-hidden="true"><polyline points=""/></svg>
    <dl></dl>
  </div>
  <div class="bar" part="bar" role="toolbar" aria-label="Viewer" hidden>
    ${button('run', icons.stop, 'Stop (space)')}
    <button class="quality" type="button" hidden></button>
    ${button('statistics-button', icons.statistics, 'Statistics (i)')}
    ${button('snapshot', icons.snapshot, 'Save a snapshot (s)')}
    ${button('full-screen', icons.fullScreen, 'Full screen (f)')}
  </div>
  <div class="spoken" role="status" aria-live="polite"></div>
</div>`;

function button(name: string, icon: string, label: string): string {
  return `<button class="${name}" type="button" aria-label="${label}" title="${label}"><svg viewBox="0 0 24 24" aria-hidden="true">${icon}</svg></button>`;
}

/** The element's shadow tree: shows what it is told and knows nothing of sessions. */
export class View {
  readonly stage: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly again: HTMLButtonElement;
  readonly run: HTMLButtonElement;
  readonly qualityButton: HTMLButtonElement;
  readonly statisticsButton: HTMLButtonElement;
  readonly snapshotButton: HTMLButtonElement;
  readonly fullScreenButton: HTMLButtonElement;
  readonly #root: ShadowRoot;
  readonly #rows = new Map<string, HTMLElement>();
  readonly #bitrates: number[] = [];
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  #quality: Quality | null = null;

  constructor(root: ShadowRoot) {
    this.#root = root;
    root.innerHTML = html;
    applyStyles(root, styles, 'edgecam-viewer.css');
    this.stage = this.#find('.stage');
    this.video = this.#find('video');
    this.again = this.#find('.again');
    this.run = this.#find('.run');
    this.qualityButton = this.#find('.quality');
    this.statisticsButton = this.#find('.statistics-button');
    this.snapshotButton = this.#find('.snapshot');
    this.fullScreenButton = this.#find('.full-screen');
    // Safari and Chromium let a video start by itself only where the property too, not just the attribute, says muted.
    this.video.muted = true;
    this.video.defaultMuted = true;
    this.video.playsInline = true;
    for (const name of ['pointermove', 'pointerdown', 'keydown'] as const) this.stage.addEventListener(name, () => this.#wake());
    this.stage.addEventListener('pointerleave', () => this.#quieten());
  }

  showState(state: ViewerState): void {
    const before = this.stage.dataset['state'];
    this.stage.dataset['state'] = state.name;
    this.#find('.headline').textContent = state.words;
    this.#find('.detail').textContent = state.detail;
    this.#find('.badge .words').textContent = state.words;
    if (before !== state.name) this.#find('.spoken').textContent = state.name === 'refused' ? `${state.words} ${state.detail}` : state.words;
    this.again.hidden = state.name !== 'refused' && state.name !== 'idle';
    this.again.textContent = state.name === 'idle' ? 'Start' : 'Try again';
    const stopped = state.name === 'idle';
    this.#label(this.run, stopped ? 'Start (space)' : 'Stop (space)', stopped ? icons.play : icons.stop);
    if (state.name === 'live') this.#wake();
    else delete this.stage.dataset['quiet'];
  }

  showName(name: string): void {
    this.#find('.badge .name').textContent = name;
    this.stage.setAttribute('aria-label', name === '' ? 'Camera' : `Camera ${name}`);
  }

  /** Beside a picture that goes on: empty where there is nothing to say. */
  showNote(words: string): void {
    const note = this.#find('.note');
    if (note.textContent === words) return;
    note.textContent = words;
    note.hidden = words === '';
    if (words !== '') this.#find('.spoken').textContent = words;
  }

  /**
   * @param quality null where there is nothing to choose.
   * @param isSmaller the smaller stream is what comes.
   */
  showQuality(quality: Quality | null, isSmaller: boolean): void {
    const before = this.#quality;
    this.#quality = quality;
    if (quality === null && this.#root.activeElement === this.qualityButton) this.stage.focus({ preventScroll: true }); // the keys go on
    this.qualityButton.hidden = quality === null;
    if (quality === null) return;
    const words = quality === 'auto' && isSmaller ? 'auto, now low' : quality;
    const label = `Quality: ${words} (q)`;
    this.qualityButton.textContent = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
    this.qualityButton.title = label;
    this.qualityButton.setAttribute('aria-label', label);
    if (before !== null && before !== quality) this.#find('.spoken').textContent = `Quality: ${quality}`;
  }

  showPicture(there: boolean): void {
    if (there) this.stage.dataset['picture'] = '';
    else delete this.stage.dataset['picture'];
    this.snapshotButton.disabled = !there;
  }

  showBar(shown: boolean): void {
    this.#find('.bar').hidden = !shown;
  }

  get statisticsShown(): boolean {
    return !this.#find('.statistics').hidden;
  }

  set statisticsShown(shown: boolean) {
    this.#find('.statistics').hidden = !shown;
    this.statisticsButton.setAttribute('aria-pressed', String(shown));
  }

  showStatistics(lines: readonly (readonly [string, string])[], bitrate: number): void {
    this.#bitrates.push(bitrate);
    if (this.#bitrates.length > 61) this.#bitrates.shift();
    if (!this.statisticsShown) return;
    for (const [label, value] of lines) {
      let row = this.#rows.get(label);
      if (row === undefined) {
        const term = document.createElement('dt');
        term.textContent = label;
        row = document.createElement('dd');
        this.#find('.statistics dl').append(term, row);
        this.#rows.set(label, row);
      }

      if (row.textContent !== value) row.textContent = value;
    }

    const highest = Math.max(...this.#bitrates, 1);
    const from = 61 - this.#bitrates.length;
    this.#find('polyline').setAttribute('points', this.#bitrates.map((b, i) => `${from + i},${(29 - (b / highest) * 28).toFixed(1)}`).join(' '));
  }

  flash(): void {
    const flash = this.#find('.flash');
    flash.classList.remove('on');
    void flash.offsetWidth; // starts the animation anew
    flash.classList.add('on');
  }

  #label(target: HTMLButtonElement, label: string, icon: string): void {
    if (target.title === label) return;
    target.title = label;
    target.setAttribute('aria-label', label);
    const drawing = target.querySelector('svg');
    if (drawing !== null) drawing.innerHTML = icon;
  }

  #wake(): void {
    delete this.stage.dataset['quiet'];
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#quieten(), 3000);
  }

  #quieten(): void {
    if (this.stage.dataset['state'] === 'live') this.stage.dataset['quiet'] = '';
  }

  #find<T extends Element = HTMLElement>(selector: string): T {
    const found = this.#root.querySelector<T>(selector);
    if (found === null) throw new Error(`${selector} is missing`);
    return found;
  }
}
