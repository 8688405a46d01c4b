import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '../src/rpc';
import { readQuality, Selector } from '../src/selector';
import { FakeDevice, FakeTimers, settled } from './fakes';

function make() {
  const timers = new FakeTimers();
  const device = new FakeDevice(timers);
  const log: string[] = [];
  const selector = new Selector(device, timers, {
    changed: () => { log.push(`shows ${selector.camera ?? 'nothing'}${selector.words === '' ? '' : `: ${selector.words}`}`); },
    turning: () => log.push('turning'),
    turned: () => log.push('turned'),
    restart: () => log.push('restart'),
  });
  device.answers.set('camera.select', { pending: true });
  selector.begin('cam0', 'auto');
  selector.open();
  log.length = 0;
  return { timers, device, selector, log };
}

const switched = (selector: Selector, camera: string, stream = 'main'): void => selector.handleNotification('camera.switched', { camera, stream });

test('a session that shows what is wanted asks for nothing', () => {
  const { device, selector } = make();
  selector.want('cam0', 'auto');
  assert.deepEqual(device.take(), []);
  assert.equal(selector.camera, 'cam0');
});

test('another camera is shown when its first picture comes, and until then nobody steers', async () => {
  const { device, selector, log } = make();
  selector.want('cam1', 'auto');
  await settled();
  assert.deepEqual(device.take().map(({ method, params }) => [method, params]), [['camera.select', { camera: 'cam1', stream: 'auto' }]]);
  assert.deepEqual([selector.camera, log.splice(0)], ['cam0', ['turning']]);
  switched(selector, 'cam1');
  assert.deepEqual(log, ['turned', 'shows cam1']);
  assert.equal(selector.stream, 'main');
});

test('where the picture is there with the answer, the answer is enough', async () => {
  const { device, selector, log } = make();
  device.answers.set('camera.select', { pending: false });
  selector.want('cam1', 'auto');
  await settled();
  assert.deepEqual([selector.camera, log], ['cam1', ['turning', 'turned', 'shows cam1']]);
});

test('a picture that is long in coming is said to be waited for', async () => {
  const { timers, selector, log } = make();
  selector.want('cam1', 'auto');
  await settled();
  timers.run(600);
  assert.equal(selector.words, 'Waiting for the first picture of cam1');
  switched(selector, 'cam1');
  assert.equal(selector.words, '');
  assert.deepEqual(log, ['turning', 'shows cam0: Waiting for the first picture of cam1', 'turned', 'shows cam1', 'shows cam1']);
});

test('a camera that is away is told, and asked for again when it is back', async () => {
  const { device, selector, log } = make();
  device.answers.set('camera.select', new RpcError(-32004, 'Unavailable: camera cam1 has no picture now: it ended'));
  selector.want('cam1', 'auto');
  await settled();
  assert.deepEqual([selector.camera, selector.words], ['cam0', 'Camera cam1 has no picture now: it ended']);
  assert.deepEqual(log.splice(0), ['turning', 'turned', 'shows cam0: Camera cam1 has no picture now: it ended']);
  device.take();
  selector.handleCameras([{ name: 'cam1', state: 'lost', detail: null, substream: false }]);
  assert.deepEqual(device.take(), []);
  device.answers.set('camera.select', { pending: false });
  selector.handleCameras([{ name: 'cam1', state: 'live', detail: null, substream: false }]);
  await settled();
  assert.deepEqual([selector.camera, selector.words], ['cam1', '']);
});

test('a camera that is away is asked for again also where nobody says that it is back, and the present head is kept meanwhile', async () => {
  const { timers, device, selector, log } = make();
  device.answers.set('camera.select', new RpcError(-32004, 'Unavailable: camera cam1 has no picture now: it ended'));
  selector.want('cam1', 'auto');
  await settled();
  log.length = 0;
  for (let i = 0; i < 3; i++) {
    device.take();
    timers.run(5000);
    await settled();
    assert.deepEqual(device.take().map(({ params }) => params), [{ camera: 'cam1', stream: 'auto' }]);
  }

  assert.deepEqual([selector.words, log], ['Camera cam1 has no picture now: it ended', []]);
  device.answers.set('camera.select', { pending: true });
  timers.run(5000);
  await settled();
  assert.deepEqual(log.splice(0), ['turning']);
  switched(selector, 'cam1');
  assert.deepEqual([selector.words, log], ['', ['turned', 'shows cam1', 'shows cam1']]);
});

test('a camera that is back before the answer says so is turned to all the same', async () => {
  const { timers, device, selector, log } = make();
  device.answers.set('camera.select', new RpcError(-32004, 'Unavailable: camera cam1 has no picture now: it ended'));
  selector.want('cam1', 'auto');
  await settled();
  log.length = 0;
  device.answers.set('camera.select', () => {
    switched(selector, 'cam1'); // overtakes it
    return { pending: false };
  });
  timers.run(5000);
  await settled();
  assert.deepEqual([selector.camera, selector.words, log[0], log[1]], ['cam1', '', 'turning', 'turned']);
  assert.ok(!log.slice(2).includes('turning'));
});

test('another stream of the present camera leaves alone what is waited for', async () => {
  const { timers, device, selector } = make();
  device.answers.set('camera.select', new RpcError(-32029, 'Too many requests'));
  selector.want('cam0', 'low');
  await settled();
  device.take();
  switched(selector, 'cam0', 'sub'); // because of its network
  timers.run(2000);
  await settled();
  assert.deepEqual(device.take().map(({ params }) => params), [{ camera: 'cam0', stream: 'sub' }]);

  device.answers.set('camera.select', { pending: true });
  selector.want('cam1', 'low');
  await settled();
  switched(selector, 'cam0', 'main');
  timers.run(600);
  assert.equal(selector.words, 'Waiting for the first picture of cam1');
  switched(selector, 'cam0', 'sub');
  assert.equal(selector.words, 'Waiting for the first picture of cam1');

  device.answers.set('camera.select', new RpcError(-32004, 'Unavailable: camera cam2 has no picture now: it ended'));
  selector.want('cam2', 'low');
  await settled();
  switched(selector, 'cam0', 'main');
  assert.equal(selector.words, 'Camera cam2 has no picture now: it ended');
});

test('whoever turns back to what is shown has nothing to wait for', async () => {
  const { device, selector, log } = make();
  selector.want('cam1', 'auto');
  await settled();
  device.take();
  device.answers.set('camera.select', { pending: false });
  selector.want('cam0', 'auto');
  await settled();
  assert.deepEqual(device.take().map(({ params }) => params), [{ camera: 'cam0', stream: 'auto' }]);
  assert.deepEqual([selector.camera, log], ['cam0', ['turning', 'turned', 'shows cam0']]);
});

test('of several in a row the last counts', async () => {
  const { selector, log } = make();
  selector.want('cam1', 'auto');
  selector.want('cam2', 'auto');
  await settled();
  switched(selector, 'cam1');
  assert.deepEqual([selector.camera, log.splice(0)], ['cam1', ['turning', 'shows cam1']]);
  switched(selector, 'cam2');
  assert.deepEqual([selector.camera, log], ['cam2', ['turned', 'shows cam2']]);
});

test('a device that cannot show it on this session gets another one', async () => {
  for (const code of [-32601, -32002, -32020]) {
    const { device, selector, log } = make();
    device.answers.set('camera.select', new RpcError(code, 'no'));
    selector.want('cam1', 'auto');
    await settled();
    assert.deepEqual(log, ['turning', 'restart'], String(code));
  }
});

test('what was not answered is asked again', async () => {
  const { timers, device, selector } = make();
  device.answers.set('camera.select', new RpcError(408, 'not answered in time'));
  selector.want('cam1', 'auto');
  await settled();
  device.take();
  device.answers.set('camera.select', { pending: false });
  timers.run(2000);
  await settled();
  assert.equal(device.take().length, 1);
  assert.equal(selector.camera, 'cam1');
});

test('a quality is the stream that is asked for, and one that a camera has not is no reason for another session', async () => {
  const { device, selector, log } = make();
  selector.want('cam0', 'low');
  await settled();
  assert.deepEqual(device.take().map(({ params }) => params), [{ camera: 'cam0', stream: 'sub' }]);
  switched(selector, 'cam0', 'sub');
  assert.deepEqual([selector.stream, log.splice(0)], ['sub', ['shows cam0']]);

  selector.handleCameras([{ name: 'cam1', state: 'live', detail: null, substream: false }]);
  selector.want('cam1', 'low');
  await settled();
  assert.deepEqual(device.take().map(({ params }) => params), [{ camera: 'cam1', stream: 'auto' }]);
  device.answers.set('camera.select', new RpcError(-32002, 'Not found: camera cam0 has no substream'));
  selector.want('cam0', 'high');
  switched(selector, 'cam0');
  await settled();
  assert.ok(!log.includes('restart'));
});

test('a session begins with the quality that is wanted', async () => {
  const { device, selector } = make();
  selector.begin('cam1', 'high');
  selector.open();
  await settled();
  assert.deepEqual(device.take().map(({ params }) => params), [{ camera: 'cam1', stream: 'main' }]);
});

test('an end tells nobody: what is said while a session ends would begin the next one', async () => {
  const { timers, selector, log } = make();
  selector.want('cam1', 'auto');
  await settled();
  timers.run(600);
  assert.equal(selector.words, 'Waiting for the first picture of cam1');
  log.length = 0;
  selector.end();
  assert.deepEqual([log, selector.words], [[], '']);
});

test('what comes after the end is left alone', async () => {
  const { timers, selector, log } = make();
  selector.want('cam1', 'auto');
  selector.end();
  await settled();
  timers.run(5000);
  assert.deepEqual(log, ['turning']);
  assert.equal(selector.camera, null);
  assert.deepEqual([readQuality('low'), readQuality('x'), readQuality(null)], ['low', 'auto', 'auto']);
});
