import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Access } from '../src/controls/access';
import { PresetController } from '../src/controls/preset-controller';
import { PtzController, type Hindrance } from '../src/controls/ptz-controller';
import { still } from '../src/controls/velocity';
import { RpcError } from '../src/rpc';
import { FakeDevice, FakeTimers, settled } from './fakes';

const axis = (position: number | null, min = -1): object => ({ position, moving: false, min, max: 1, atEnd: null });
const ready = { camera: 'cam0', state: 'ready', fault: null, remedy: null, axes: { pan: axis(0), tilt: axis(0), zoom: axis(0, 0) }, moving: false, estimated: false, hasHome: true, control: null };
const mine = { holder: 'Ann', you: true, expiresIn: 9000, canTake: true };
const bobs = { holder: 'Bob', you: false, expiresIn: 9000, canTake: true };
const right = { pan: 1, tilt: 0, zoom: 0 };

class World {
  readonly timers = new FakeTimers();
  readonly device = new FakeDevice(this.timers);
  readonly access = new Access();
  readonly words: string[] = [];
  presetsChanged = 0;
  readonly ptz = new PtzController(this.device, this.access, this.timers, {
    changed: () => {},
    said: (words) => void this.words.push(words),
    presetsChanged: () => void this.presetsChanged++,
  });

  constructor() {
    for (const [method, answer] of [['ptz.status', ready], ['ptz.stop', {}], ['ptz.home', {}], ['ptz.gotoPreset', {}], ['ptz.absoluteMove', {}]] as const)
      this.device.answers.set(method, answer);
  }

  async open(): Promise<this> {
    await this.ptz.handleOpen();
    this.device.take();
    return this;
  }

  get hindrance(): Hindrance | null {
    return this.ptz.hindrance;
  }

  status(members: object, reason?: string): void {
    this.ptz.handleNotification('ptz.changed', { ...ready, ...members, reason });
  }

  /** What was said, without what it was numbered. */
  heard(): string[] {
    return this.device.take().map(({ way, method, params: { seq: _, ...params } }) => `${way} ${method} ${JSON.stringify(params)}`);
  }
}

test('a stick that is let go stops the head twice: fast, and for certain; and all is numbered upwards', async () => {
  const world = await new World().open();
  world.ptz.drive('stick', right);
  world.timers.run(150);
  world.ptz.drive('stick', still);
  const said = world.device.take();
  assert.deepEqual(said.map(({ way, method }) => `${way} ${method}`), ['fast ptz.continuousMove', 'fast ptz.continuousMove', 'fast ptz.continuousMove', 'control ptz.stop']);
  assert.deepEqual(said.map(({ params }) => params['pan']), [1, 1, 0, undefined]);
  assert.deepEqual(said.map(({ params }) => params['seq']), [1, 2, 3, 4]);
  world.timers.run(1000);
  assert.deepEqual(world.heard(), []);
});

test('the red button is heard whatever is known or held, and by whoever is in control', async () => {
  const world = await new World().open();
  world.ptz.stop();
  assert.deepEqual(world.heard(), ['fast ptz.continuousMove {"pan":0,"tilt":0,"zoom":0}', 'control ptz.stop {}']);
  for (const members of [{ control: bobs }, { state: 'fault', fault: 'broken' }]) {
    world.status(members);
    world.ptz.stop();
    assert.equal(world.heard().at(-1), 'control ptz.stop {}');
  }

  world.access.handleAnswer({ scopes: ['view'] });
  world.ptz.stop();
  assert.deepEqual(world.heard(), []);
});

test('an axis that the head lacks is not steered', async () => {
  const world = new World();
  world.device.answers.set('ptz.status', { ...ready, axes: { pan: axis(null) } });
  await world.open();
  world.ptz.drive('stick', { pan: 0, tilt: 1, zoom: 1 });
  assert.deepEqual(world.heard(), []);
  world.ptz.drive('stick', { pan: 0.5, tilt: 1, zoom: 0 });
  assert.deepEqual(world.heard(), ['fast ptz.continuousMove {"pan":0.5}']);
});

test('why the head cannot be steered is said, the first reason first', async () => {
  const world = new World();
  assert.equal(world.hindrance?.kind, 'away');
  await world.open();
  assert.equal(world.ptz.canSteer, true);
  world.status({ control: bobs });
  assert.deepEqual([world.hindrance?.words, world.ptz.canTake], ['Bob is in control', true]);
  world.status({ state: 'fault', fault: 'the head does not answer', remedy: 'check its cable', control: bobs });
  assert.deepEqual([world.hindrance?.words, world.ptz.canTake], ['The head does not answer. Check its cable', false]);
  world.status({ state: 'starting' });
  assert.equal(world.hindrance?.kind, 'starting');
  world.access.handleAnswer({ scopes: ['view', 'gpio'] });
  assert.match(world.hindrance?.words ?? '', /lacks the scope “ptz”/);
});

test('a device without a head, or of before there were any, has nothing to steer', async () => {
  for (const code of [-32601, -32002]) {
    const world = new World();
    world.device.answers.set('ptz.status', new RpcError(code, 'no'));
    await world.open();
    assert.deepEqual([world.ptz.status, world.timers.waiting], [null, 0]);
  }
});

test('a status that does not come is asked for again', async () => {
  const world = new World();
  world.device.answers.set('ptz.status', new RpcError(408, 'not in time'));
  await world.open();
  world.device.answers.set('ptz.status', ready);
  world.timers.run(2000);
  await settled();
  assert.notEqual(world.ptz.status, null);
});

test('a move to a place is kept alive until the head is there', async () => {
  const world = await new World().open();
  void world.ptz.goTo('3');
  world.timers.run(250);
  assert.deepEqual(world.heard(), ['control ptz.gotoPreset {"token":"3"}', 'fast ptz.alive {}', 'fast ptz.alive {}']);
  world.status({ moving: false, control: mine }); // the lease's, from before it set out
  world.status({ moving: true, control: mine });
  world.timers.run(5000);
  assert.equal(world.heard().length, 50);
  world.status({ moving: false, control: mine });
  world.timers.run(5000);
  assert.deepEqual(world.heard(), []);
});

test('a head that was there already is not kept alive for ever', async () => {
  const world = await new World().open();
  void world.ptz.home();
  world.timers.run(10_000);
  assert.ok(world.heard().length <= 16);
  assert.equal(world.timers.waiting, 0);
});

test('a move that is refused is explained and not kept alive', async () => {
  const world = await new World().open();
  world.device.answers.set('ptz.home', new RpcError(-32003, 'held', { holder: 'Bob', expiresIn: 1 }));
  await world.ptz.home();
  world.device.answers.set('ptz.home', new RpcError(-32004, 'the port is gone', { remedy: 'plug it in' }));
  await world.ptz.home();
  assert.deepEqual(world.words, ['Bob is in control', 'The port is gone. Plug it in']);
  assert.equal(world.timers.waiting, 0);
});

test('for want of a scope the head is called forbidden, though nobody had told the scopes', async () => {
  const world = await new World().open();
  world.device.answers.set('ptz.home', new RpcError(-32001, 'forbidden', { scope: 'ptz' }));
  await world.ptz.home();
  assert.equal(world.ptz.hindrance?.kind, 'scope');
});

test('whoever steers by hand ends the move to a place', async () => {
  const world = await new World().open();
  await world.ptz.home();
  world.ptz.drive('stick', right);
  world.ptz.drive('stick', still);
  world.device.take();
  world.timers.run(1000);
  assert.deepEqual(world.heard(), []);
});

test('whoever is away leaves nothing moving', async () => {
  const world = await new World().open();
  world.ptz.leave();
  assert.deepEqual(world.heard(), []);
  await world.ptz.home();
  world.device.take();
  world.ptz.leave();
  assert.deepEqual(world.heard(), ['fast ptz.continuousMove {"pan":0,"tilt":0,"zoom":0}', 'control ptz.stop {}']);
  world.ptz.drive('stick', right);
  world.device.take();
  world.ptz.leave();
  assert.deepEqual(world.heard(), ['fast ptz.continuousMove {"pan":0}', 'control ptz.stop {}']);
});

test('a head that another takes is left to them, with no stop that would be theirs', async () => {
  const world = await new World().open();
  world.ptz.drive('stick', right);
  world.device.take();
  world.status({ control: bobs, moving: true });
  world.ptz.drive('stick', { pan: 0.5, tilt: 0, zoom: 0 });
  world.timers.run(1000);
  assert.deepEqual(world.heard(), []);
  world.device.answers.set('ptz.acquire', mine);
  await world.ptz.take();
  assert.deepEqual([world.heard(), world.ptz.canSteer], [['control ptz.acquire {"force":true}'], true]);
});

test('while another is in control, it is asked now and then whether that may be taken', async () => {
  const world = await new World().open();
  world.status({ control: { ...bobs, canTake: false } });
  assert.equal(world.ptz.canTake, false);
  world.device.answers.set('ptz.status', { ...ready, control: bobs });
  world.timers.run(2000);
  await settled();
  assert.equal(world.ptz.canTake, true);
  world.status({ control: null });
  world.device.take();
  world.timers.run(10_000);
  assert.deepEqual(world.heard(), []);
});

test('a zoom that is dragged names places at a bearable pace, and the last one', async () => {
  const world = await new World().open();
  for (let i = 1; i <= 100; i++) {
    world.ptz.zoomTo(i / 100);
    world.timers.run(5);
  }

  world.timers.run(200);
  const places = world.device.take().filter(({ method }) => method === 'ptz.absoluteMove');
  assert.ok(places.length >= 5 && places.length <= 7, String(places.length));
  assert.equal(places.at(-1)?.params['zoom'], 1);
});

test('what is lost with the session is asked anew with the next', async () => {
  const world = await new World().open();
  world.ptz.drive('stick', right);
  world.device.take();
  world.device.isOpen = false;
  world.ptz.handleClose();
  assert.deepEqual([world.heard(), world.ptz.hindrance?.kind, world.timers.waiting], [[], 'away', 0]);
  world.device.isOpen = true;
  void world.ptz.handleOpen();
  await settled();
  assert.deepEqual(world.heard(), ['control ptz.status {}']);
  world.ptz.drive('stick', { pan: 0.4, tilt: 0, zoom: 0 }); // held all the while: it must be let go first
  assert.deepEqual(world.heard(), []);
});

test('a stop for the operator\'s own silence is told them, and a change of presets passed on', async () => {
  const world = await new World().open();
  world.status({}, 'dead-man');
  world.status({}, 'preset');
  assert.deepEqual([world.words.length, world.presetsChanged], [1, 1]);
});

const gate = { token: '1', name: 'Gate', pan: 0.1, tilt: 0, zoom: 0, scope: null, hasThumbnail: true };
const yard = { token: '2', name: 'Yard', pan: 0.2, tilt: 0, zoom: 0, scope: 'manage', hasThumbnail: false };

function createPresets(): { device: FakeDevice; timers: FakeTimers; access: Access; presets: PresetController; words: string[] } {
  const timers = new FakeTimers();
  const device = new FakeDevice(timers);
  const access = new Access();
  const words: string[] = [];
  device.answers.set('ptz.presets', { presets: [gate, yard, { name: 'no token' }] });
  device.answers.set('ptz.presetThumbnail', { thumbnail: '/9j/AAAA' });
  return { device, timers, access, words, presets: new PresetController(device, access, timers, { changed: () => {}, said: (text) => void words.push(text) }) };
}

test('presets come with their pictures, each of which is fetched once', async () => {
  const { device, timers, access, presets } = createPresets();
  access.handleAnswer({ scopes: ['view', 'ptz'] });
  await presets.handleOpen();
  await settled();
  presets.handleChanged();
  presets.handleChanged();
  timers.run(1000);
  await settled();
  assert.deepEqual(device.take().map(({ method }) => method), ['ptz.presets', 'ptz.presetThumbnail', 'ptz.presets']);
  assert.deepEqual(presets.presets?.map((preset) => [preset.name, presets.thumbnail(preset.token), presets.missingScope(preset)]), [['Gate', '/9j/AAAA', null], ['Yard', null, 'manage']]);
});

test('what is no small JPEG is not shown', async () => {
  for (const thumbnail of ['<svg>', `/9j/${'A'.repeat(13_000)}`, '"/9j/', 7, null]) {
    const { device, presets } = createPresets();
    device.answers.set('ptz.presetThumbnail', { thumbnail });
    await presets.handleOpen();
    await settled();
    assert.equal(presets.thumbnail('1'), null);
  }
});

test('a preset is replaced with a fresh picture, removed, and a refusal said', async () => {
  const { device, presets, words } = createPresets();
  await presets.handleOpen();
  await settled();
  device.take();
  device.answers.set('ptz.setPreset', { token: '1' });
  assert.equal(await presets.save('Door', '/9j/BBBB', '1'), true);
  await settled();
  assert.deepEqual(device.take().map(({ method, params }) => [method, params]), [
    ['ptz.setPreset', { name: 'Door', token: '1', thumbnail: '/9j/BBBB' }], ['ptz.presets', {}], ['ptz.presetThumbnail', { token: '1' }]]);
  device.answers.set('ptz.removePreset', new RpcError(-32002, 'there is no such preset'));
  assert.equal(await presets.remove(presets.presets![0]!), false);
  assert.deepEqual(words, ['“Door” is kept', 'There is no such preset']);
});

test('a device that keeps no presets shows none', async () => {
  const { device, presets } = createPresets();
  device.answers.delete('ptz.presets');
  await presets.handleOpen();
  assert.equal(presets.presets, null);
});
