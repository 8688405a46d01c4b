import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Access } from '../src/controls/access';
import { GpioController, gpioLimits, type LineView } from '../src/controls/gpio-controller';
import { RpcError } from '../src/rpc';
import { FakeDevice, FakeTimers, settled } from './fakes';

const line = { direction: 'output', value: false, changedAt: 5, scope: 'gpio', writable: true, state: 'ready', fault: null, remedy: null, pulseEndsIn: null, maxOnSeconds: null, interlock: [] };
const lines = [
  { ...line, name: 'light', label: 'Yard light' },
  { ...line, name: 'open', label: 'Open', interlock: ['close'], maxOnSeconds: 20 },
  { ...line, name: 'door', label: 'Door', direction: 'input', writable: false, value: true },
  { ...line, name: 'siren', state: 'fault', fault: 'the chip does not answer', remedy: 'check the wiring' },
  { name: 'odd' },
];
const pwm = [{ name: 'lamp', label: 'Lamp', duty: 0.4, frequency: 1000, scope: 'gpio', writable: true, state: 'ready', fault: null, remedy: null }];

class World {
  readonly timers = new FakeTimers();
  readonly device = new FakeDevice(this.timers);
  readonly access = new Access();
  readonly gpio = new GpioController(this.device, this.access, this.timers, () => {});

  constructor() {
    this.device.answers.set('gpio.list', { lines, pwm });
    for (const method of ['gpio.watch', 'gpio.write', 'gpio.pulse', 'gpio.pwm']) this.device.answers.set(method, {});
  }

  async open(): Promise<this> {
    await this.gpio.handleOpen();
    this.device.take();
    return this;
  }

  get light(): LineView {
    return this.gpio.lines[0]!;
  }

  say(members: object): void {
    this.gpio.handleNotification('gpio.changed', members);
  }

  heard(): string[] {
    return this.device.take().map(({ method, params }) => `${method} ${JSON.stringify(params)}`);
  }
}

test('lines are watched before they are listed, so that nothing changes in between', async () => {
  const world = new World();
  await world.gpio.handleOpen();
  assert.deepEqual(world.heard(), ['gpio.watch {}', 'gpio.list {}']);
  assert.deepEqual(world.gpio.lines.map(({ label, value }) => [label, value]), [['Yard light', false], ['Open', false], ['Door', true], ['siren', false]]);
  assert.deepEqual(world.gpio.dimmers.map(({ label, duty }) => [label, duty]), [['Lamp', 0.4]]);
});

test('a switch shows what the device says, and that it waits for that', async () => {
  const world = await new World().open();
  void world.gpio.write('light', true);
  assert.deepEqual([world.light.value, world.light.busy], [false, true]);
  void world.gpio.write('light', true); // impatience changes nothing
  await settled();
  assert.deepEqual([world.light.value, world.light.busy, world.heard()], [false, true, ['gpio.write {"line":"light","value":true}']]);
  world.say({ line: 'light', value: true, at: 9, edge: 'rising', cause: 'write' });
  assert.deepEqual([world.light.value, world.light.busy, world.light.changedAt], [true, false, 9]);
  world.timers.run(10_000);
  assert.deepEqual(world.heard(), []);
});

test('a line that is as it was wanted already is asked, since nothing will be said of it', async () => {
  const world = await new World().open();
  world.device.answers.set('gpio.read', { value: true, changedAt: 7 });
  void world.gpio.write('light', true);
  await settled();
  world.timers.run(gpioLimits.confirm);
  await settled();
  assert.deepEqual([world.light.value, world.light.busy], [true, false]);
});

test('a refusal stands beside its line for a while, and the line stays as it is', async () => {
  const world = await new World().open();
  world.device.answers.set('gpio.write', new RpcError(-32005, 'open is never on together with close'));
  await world.gpio.write('open', true);
  const { value, busy, message } = world.gpio.lines[1]!;
  assert.deepEqual([value, busy, message], [false, false, 'Open is never on together with close']);
  world.timers.run(gpioLimits.message);
  assert.equal(world.gpio.lines[1]!.message, null);
});

test('why a line cannot be switched is said', async () => {
  const world = await new World().open();
  assert.deepEqual(world.gpio.lines.map(({ hindrance }) => hindrance), [null, null, null, 'The chip does not answer. Check the wiring']);
  world.access.handleAnswer({ scopes: ['view'] });
  assert.match(world.light.hindrance ?? '', /scope “gpio”/);
  assert.match(world.gpio.dimmers[0]!.hindrance ?? '', /scope “gpio”/);
  assert.equal(world.gpio.lines[2]!.hindrance, null); // an input is only looked at
  await world.gpio.write('light', true);
  assert.deepEqual(world.heard(), []);
  world.gpio.handleClose();
  assert.equal(world.light.hindrance, 'Not connected');
});

test('a fault comes and goes with the device\'s word', async () => {
  const world = await new World().open();
  world.say({ line: 'light', state: 'fault', fault: 'no answer', remedy: null });
  assert.deepEqual([world.light.hindrance, world.light.value], ['No answer', false]);
  world.say({ line: 'light', state: 'ready' });
  assert.equal(world.light.hindrance, null);
  world.say({ pwm: 'lamp', state: 'fault', fault: 'no answer' });
  assert.deepEqual([world.gpio.dimmers[0]!.hindrance, world.gpio.dimmers[0]!.duty], ['No answer', 0.4]);
});

test('a pulse of ours counts down until the device ends it', async () => {
  const world = await new World().open();
  void world.gpio.pulse('light', 3000);
  await settled();
  world.say({ line: 'light', value: true, at: 9, cause: 'pulse' });
  world.timers.run(1000);
  assert.deepEqual([world.light.value, world.light.busy, world.light.pulseLeft, world.light.pulseLength], [true, false, 2000, 3000]);
  world.timers.run(1950);
  world.say({ line: 'light', value: false, at: 9, cause: 'pulse' });
  assert.deepEqual([world.light.value, world.light.pulseLeft], [false, null]);
  assert.deepEqual(world.heard(), ['gpio.pulse {"line":"light","milliseconds":3000}']);
});

test('of another\'s pulse the list tells how long it lasts', async () => {
  const world = await new World().open();
  world.device.answers.set('gpio.list', { lines: [{ ...lines[0], value: true, pulseEndsIn: 4000 }], pwm });
  world.say({ line: 'light', value: true, at: 9, cause: 'pulse' });
  world.timers.run(gpioLimits.reload);
  await settled();
  assert.deepEqual([world.light.pulseLeft, world.heard()], [4000, ['gpio.list {}']]);
  world.say({ line: 'light', value: false, at: 9, cause: 'write' }); // cut short
  assert.equal(world.light.pulseLeft, null);
});

test('a dimmer that is dragged is told at a bearable pace, and the last value', async () => {
  const world = await new World().open();
  for (let i = 1; i <= 50; i++) {
    world.gpio.dim('lamp', i / 50);
    world.timers.run(10);
  }

  world.timers.run(1000);
  await settled();
  const duties = world.device.take().map(({ params }) => params['duty']);
  assert.ok(duties.length >= 5 && duties.length <= 7, String(duties.length));
  assert.equal(duties.at(-1), 1);
  assert.equal(world.gpio.dimmers[0]!.duty, 0.4); // until the device says so
  world.say({ pwm: 'lamp', duty: 1 });
  assert.equal(world.gpio.dimmers[0]!.duty, 1);
});

test('a device without lines, or of before there were any, shows none', async () => {
  const world = new World();
  world.device.answers.clear();
  await world.open();
  assert.deepEqual([world.gpio.lines, world.gpio.dimmers, world.timers.waiting], [[], [], 0]);
});

test('with the next session everything is asked anew, and what was pending is not', async () => {
  const world = await new World().open();
  void world.gpio.write('light', true);
  world.gpio.dim('lamp', 1);
  world.gpio.handleClose();
  await settled();
  assert.deepEqual([world.light.busy, world.timers.waiting], [false, 0]);
  world.device.take();
  await world.gpio.handleOpen();
  assert.deepEqual(world.heard(), ['gpio.watch {}', 'gpio.list {}']);
});

test('a list that does not come is asked for again', async () => {
  const world = new World();
  world.device.answers.set('gpio.list', new RpcError(408, 'not in time'));
  await world.open();
  world.device.answers.set('gpio.list', { lines, pwm });
  world.timers.run(gpioLimits.askAgain);
  await settled();
  assert.equal(world.gpio.lines.length, 4);
});
