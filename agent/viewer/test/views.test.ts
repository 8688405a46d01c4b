import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Recording, RecordingController } from '../src/controls/recording-controller';
import type { EdgeCamViewer } from '../src/element';
import { RpcError } from '../src/rpc';
import { FakeDevice, FakeTimers, settled } from './fakes';
import { fakeDocument, FakeElement, makePage } from './fake-dom';

makePage();
const { Parts } = await import('../src/controls/parts');
const { RecordingRow } = await import('../src/controls/recording-row');
const { RecordingView } = await import('../src/controls/recording-view');
const { View } = await import('../src/view');

const recording: Recording = { id: 'cam0-1', start: 1_900_000_000_000, seconds: 12, bytes: 1000, label: 'door', open: false };

function makeView() {
  const root = new FakeElement('root');
  Object.defineProperty(root, 'activeElement', { get: () => fakeDocument.activeElement });
  Object.assign(root, { adoptedStyleSheets: [] });
  return { root, view: new View(root as unknown as ShadowRoot) };
}

test('another quality is spoken, and one that is only told is not', () => {
  const { root, view } = makeView();
  const spoken = root.querySelector('.spoken');
  view.showQuality('auto', false);
  view.showQuality('auto', true);
  assert.equal(spoken.textContent, '');
  view.showQuality('low', true);
  assert.equal(spoken.textContent, 'Quality: low');
  spoken.textContent = '';
  view.showQuality(null, false); // a camera that has nothing to choose, and back
  view.showQuality('high', false);
  assert.equal(spoken.textContent, '');
});

test('Auto says so where the smaller stream comes', () => {
  const { view } = makeView();
  const shown = (['auto', 'low'] as const).flatMap((quality) => [false, true].map((isSmaller) => {
    view.showQuality(quality, isSmaller);
    return view.qualityButton.textContent;
  }));
  assert.deepEqual(shown, ['Auto', 'Auto, now low', 'Low', 'Low']);
  assert.equal(view.qualityButton.getAttribute('aria-label'), 'Quality: low (q)');
});

test('a button that goes leaves the focus to the picture', () => {
  const { view } = makeView();
  view.showQuality('auto', false);
  view.qualityButton.focus();
  view.showQuality(null, false);
  assert.equal(fakeDocument.activeElement, view.stage as unknown);
  view.run.focus();
  view.showQuality(null, false);
  assert.equal(fakeDocument.activeElement, view.run as unknown);
});

test('the page lists the keys that there are', () => {
  const page = readFileSync('src/index.html', 'utf8');
  for (const key of ['c', 'f', 's', 'q', 'i', 'space']) assert.ok(page.includes(`<kbd>${key}</kbd>`), key);
});

test('a button whose words change is none that is pressed', () => {
  const state: Record<string, unknown> = { isOffered: true, state: 'idle', recordings: [], fetching: null };
  const view = new RecordingView(state as unknown as RecordingController);
  const button = [...(view.root as unknown as FakeElement).all()].find(({ attributes }) => attributes.get('class') === 'record')!;
  const seen = ['idle', 'recording', 'idle'].map((now) => {
    state['state'] = now;
    view.show();
    return [button.textContent, button.getAttribute('aria-pressed'), button.getAttribute('data-on')];
  });
  assert.deepEqual(seen, [['Record', null, null], ['Stop recording', null, ''], ['Record', null, null]]);
});

test('each recording\'s buttons say whose they are', () => {
  const controller = { fetching: null as { id: string; share: number } | null, isBusy: false };
  const row = new RecordingRow(controller as unknown as RecordingController);
  const time = new Date(recording.start ?? 0).toLocaleString();
  const names = (shown: Recording): (string | null)[] => {
    const root = row.show(shown) as unknown as FakeElement;
    return [...root.all()].filter(({ localName }) => localName === 'button').map((button) => button.getAttribute('aria-label'));
  };
  assert.deepEqual(names(recording), [`Save: door, ${time}`, `Delete: door, ${time}`]);
  assert.deepEqual(names({ ...recording, label: null }), [`Save: ${time}`, `Delete: ${time}`]);
  controller.fetching = { id: recording.id, share: 0.42 };
  assert.equal(names(recording)[0], `42 %: door, ${time}`);
});

test('another camera is another head with other presets; lines and a recording that is fetched stay as they are', async (t) => {
  const device = new FakeDevice(new FakeTimers());
  let camera = 'cam0';
  let give: (piece: unknown) => void = () => {};
  device.answers.set('gpio.list', { lines: [{ name: 'lamp', direction: 'output', value: false }], pwm: [] });
  device.answers.set('recording.status', () => ({ cameras: ['cam0', 'cam1'].map((name) => ({ camera: name, mode: 'onRequest', state: 'idle' })) }));
  device.answers.set('recording.list', ({ camera: of }: Record<string, unknown>) => ({ recordings: [{ id: `${String(of)}-1`, start: 1, seconds: 1, bytes: 3 }] }));
  device.answers.set('recording.read', new Promise((resolve) => { give = resolve; }));
  const viewer = Object.defineProperty(Object.assign(new EventTarget(), { control: device, video: {} }), 'cameraName', { get: () => camera });
  const panel = new FakeElement('div');
  const parts = new Parts(new FakeElement('edgecam-controls') as unknown as HTMLElement, viewer as unknown as EdgeCamViewer, panel as unknown as HTMLElement);
  t.after(() => parts.close());
  const shown = (): string => [...panel.all()].map((part) => part.getAttribute('aria-label') ?? '').filter((name) => name.includes('%') || name.startsWith('Save: ')).join();
  await settled();
  await settled();
  const save = [...panel.all()].find((part) => part.getAttribute('aria-label')?.startsWith('Save: '));
  save?.onclick?.();
  await settled();
  assert.match(shown(), /^0 %: /);
  device.take();

  viewer.dispatchEvent(new CustomEvent('camerachanging', { detail: true }));
  camera = 'cam1';
  viewer.dispatchEvent(new CustomEvent('camerachanging', { detail: false }));
  await settled();
  await settled();
  const asked = device.take().map(({ method, params }) => `${method} ${String(params['camera'] ?? '')}`.trim());
  assert.deepEqual(asked.filter((method) => !method.startsWith('ptz.')), ['recording.status', 'recording.list cam1']);
  assert.ok(asked.includes('ptz.status') && asked.includes('ptz.presets'));

  viewer.dispatchEvent(new CustomEvent('camerachanging', { detail: true }));
  camera = 'cam0';
  viewer.dispatchEvent(new CustomEvent('camerachanging', { detail: false }));
  await settled();
  await settled();
  assert.match(shown(), /^0 %: /);
  give(new RpcError(-32002, 'Not found')); // its own answer, and not the end of a session
  await settled();
  assert.match(shown(), /^Save: /);
});
