import { areSame, listChoices, type Choice } from './chooser';
import { Broker, Directory, isOwnBroker, OpenedLinks, parseSettings, resolveBroker, tabShelf, type EdgeCamViewer, type Settings } from './element';

// The page around the element: it asks its server which broker to use, offers the cameras to choose from and shows the device.

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`#${id} is missing`);
  return found;
}

async function loadSettings(): Promise<Settings> {
  try {
    const response = await fetch('viewer.json', { cache: 'no-store' });
    return parseSettings(response.ok ? await response.json() : null);
  } catch {
    return parseSettings(null); // served by something else than a device: the defaults may fit
  }
}

let shown: readonly Choice[] = [];

function makeEntry(): HTMLAnchorElement {
  const entry = document.createElement('a');
  entry.onclick = (event) => { if (event.detail > 0) entry.blur(); }; // whoever points steers on by keys; whoever came by keys goes on from here
  return entry;
}

/** Entries stay where they are and change what they say: one that has the focus keeps it. */
function showChooser(choices: readonly Choice[]): void {
  if (areSame(choices, shown)) return;
  shown = choices;
  const chooser = byId('chooser');
  chooser.hidden = choices.length < 2;
  while (chooser.children.length > choices.length) chooser.lastElementChild?.remove();
  for (const [i, { href, words, state, title, chosen }] of choices.entries()) {
    const entry = (chooser.children[i] ?? chooser.appendChild(makeEntry())) as HTMLAnchorElement;
    entry.href = href;
    entry.textContent = words;
    entry.dataset['state'] = state;
    entry.title = title;
    entry.setAttribute('aria-current', String(chosen));
  }

  const [row, current] = [chooser, chooser.querySelector('[aria-current=true]')].map((part) => part?.getBoundingClientRect());
  if (row !== undefined && current !== undefined && (current.left < row.left || current.right > row.right)) chooser.scrollLeft += current.left - row.left; // on a phone
}

/** The key c: the next camera that gives pictures. */
function chooseNext(event: KeyboardEvent): boolean {
  if (event.key !== 'c' || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return false;
  const at = shown.findIndex(({ chosen }) => chosen);
  const next = [...shown.slice(at + 1), ...shown.slice(0, Math.max(at, 0))].find(({ state }) => state === 'live');
  if (next !== undefined) location.hash = next.href;
  return next !== undefined;
}

function isInChooser(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest('#chooser') !== null;
}

/** A few lines of what device.info answers, whichever of them are there. */
function showDevice(info: unknown): void {
  const read = (typeof info === 'object' && info !== null ? info : {}) as Record<string, unknown>;
  const lines: [string, unknown][] = [
    ['Device', read['name'] ?? read['id']],
    ['Model', read['model'] === 'unknown' ? '' : read['model']],
    ['System', read['system']],
    ['EdgeCam', read['version']],
    ['Up', typeof read['uptimeSeconds'] === 'number' ? duration(read['uptimeSeconds']) : ''],
  ];
  byId('device').replaceChildren(...lines.filter(([, value]) => (typeof value === 'string' && value !== '') || typeof value === 'number').map(([label, value]) => {
    const line = document.createElement('div');
    const term = document.createElement('dt');
    const text = document.createElement('dd');
    term.textContent = label;
    text.textContent = String(value).slice(0, 80);
    line.append(term, text);
    return line;
  }));
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

function apply(viewer: EdgeCamViewer, settings: Settings, { link, access }: ReturnType<OpenedLinks['open']>): void {
  viewer.token = access.token;
  viewer.holderKey = access.holderKey;
  viewer.identity = access.identity;
  const device = link.device ?? settings.device;
  for (const [name, value] of [['device', device], ['camera', link.camera]] as const) {
    if (value === null) viewer.removeAttribute(name);
    else viewer.setAttribute(name, value);
  }
}

async function main(): Promise<void> {
  const links = new OpenedLinks(tabShelf());
  links.open(window, null); // before anything is waited for: the address bar shows the link's secrets
  const settings = await loadSettings();
  if (settings.broker === null) {
    byId('place').textContent = 'This device is set up without a broker for viewers. Watch it by WHEP, or set mqtt in its configuration.';
    return;
  }

  const broker = resolveBroker(settings.broker, location);
  let opened = links.open(window, settings.device);

  const viewer = document.createElement('edgecam-viewer');
  viewer.iceServers = settings.iceServers;
  viewer.accessMode = settings.access;
  viewer.setAttribute('broker', broker);
  viewer.setAttribute('prefix', settings.prefix);
  viewer.setAttribute('controls', '');
  viewer.setAttribute('autoplay', '');
  apply(viewer, settings, opened);

  let directory: Directory | null = null;
  const refresh = (): void => {
    showChooser(listChoices(directory?.devices ?? [], opened.link, viewer));
    document.title = viewer.deviceName === null ? 'EdgeCam' : `${directory?.get(viewer.deviceName)?.name ?? viewer.deviceName} – EdgeCam`;
  };
  /** Once: what the broker lists; but it is not bothered by whom it will not let in. */
  const list = (): void => {
    if (directory !== null || viewer.accessObstacle !== null) return;
    const named = opened.link.device ?? settings.device;
    directory = new Directory(Broker.acquire(broker, viewer.token), settings.prefix, named !== null && !isOwnBroker(broker, location) ? named : null);
    directory.addEventListener('change', () => queueMicrotask(refresh));
  };
  list();
  viewer.addEventListener('statechange', refresh);
  viewer.addEventListener('camerachange', refresh);
  viewer.addEventListener('deviceinfo', (event) => showDevice((event as CustomEvent).detail));
  addEventListener('hashchange', () => {
    opened = links.open(window, settings.device);
    const before = viewer.getAttribute('device');
    apply(viewer, settings, opened);
    list();
    if (viewer.getAttribute('device') !== before) showDevice(null);
    refresh();
  });
  document.addEventListener('keydown', (event) => {
    const elsewhere = event.target === document.body || event.target === document.documentElement;
    const isOurs = elsewhere || isInChooser(event);
    if ((isOurs && viewer.handleKey(event)) || ((isOurs || event.target === viewer) && chooseNext(event))) event.preventDefault();
  });
  const controls = document.createElement('edgecam-controls');
  controls.viewer = viewer;
  controls.addEventListener('partschange', (event) => { byId('head-keys').hidden = !(event as CustomEvent<{ head: boolean }>).detail.head; });
  byId('place').replaceChildren(viewer);
  byId('steering').replaceChildren(controls);
}

main().catch((error: unknown) => {
  byId('place').textContent = error instanceof Error ? error.message : String(error);
});
