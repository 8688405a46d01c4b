import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits, Supervisor, type DeviceView } from '../src/supervisor';
import type { ViewerState } from '../src/words';

const front: DeviceView = { device: 'front', online: true, bootId: 'b1', camera: 'cam0', cameraState: 'live', cameraDetail: null };

/** A viewer in virtual time: steps of 50 ms, a note of each decision. */
class World {
  now = 1_000_000;
  opened = 0;
  readonly closed: string[] = [];
  readonly states: ViewerState[] = [];
  frames = false;
  readonly supervisor = new Supervisor({
    open: () => void this.opened++,
    close: (reason) => void this.closed.push(reason),
    changed: (state) => void this.states.push(state),
  }, () => 0.5);

  run(milliseconds: number): this {
    for (const end = this.now + milliseconds; this.now < end;) {
      this.now += 50;
      if (this.frames) this.supervisor.handleFrame(this.now);
      this.supervisor.handleTimeout(this.now);
    }

    return this;
  }

  do(act: (supervisor: Supervisor, now: number) => void): this {
    act(this.supervisor, this.now);
    return this;
  }

  live(): this {
    this.do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleAnswer(now); s.handleTransport('connected', now); });
    this.frames = true;
    return this.run(500);
  }

  get name(): string {
    return this.supervisor.state.name;
  }

  get names(): string[] {
    return this.states.map((state) => state.name).filter((name, i, all) => name !== all[i - 1]);
  }
}

test('goes live by way of connecting', () => {
  const world = new World().live();
  assert.deepEqual(world.names, ['connecting', 'live']);
  assert.equal(world.opened, 1);
});

test('sends no offer before the broker and the device are there', () => {
  const world = new World().do((s, now) => s.start(now)).run(60_000);
  assert.equal(world.opened, 0);
  world.do((s, now) => { s.handleBroker(true, '', now); s.handleDevice({ ...front, online: false }, now); }).run(60_000);
  assert.equal(world.opened, 0);
  assert.equal(world.name, 'waiting-for-device');
  world.do((s, now) => s.handleDevice(front, now));
  assert.equal(world.opened, 1);
});

test('offers without a status where rights hide it, but never to no device', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); }).run(limits.status - 100);
  assert.equal(world.opened, 0);
  assert.equal(world.run(200).opened, 1);
  const nobody = new World().do((s, now) => { s.handleSearch(false, '', now); s.start(now); s.handleBroker(true, '', now); }).run(60_000);
  assert.equal(nobody.opened, 0);
  assert.equal(nobody.name, 'waiting-for-device');
});

test('a dead camera is named within a second and its picture comes back without a new session', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => s.handleDevice({ ...front, cameraState: 'lost', cameraDetail: 'it ended with status 1' }, now)).run(1000);
  assert.equal(world.name, 'waiting-for-camera');
  assert.equal(world.supervisor.state.detail, 'cam0 was lost and is restarting: it ended with status 1');
  world.run(60_000);
  world.frames = true;
  world.do((s, now) => s.handleDevice(front, now)).run(100);
  assert.equal(world.name, 'live');
  assert.equal(world.opened, 1);
});

test('no frame for two seconds is said, and a stuck session is replaced', () => {
  const world = new World().live();
  world.frames = false;
  assert.equal(world.run(limits.noFrames - 100).name, 'live');
  assert.equal(world.run(200).name, 'waiting-for-camera');
  assert.equal(world.run(limits.stuck + 1000).opened, 2);
  assert.equal(world.name, 'reconnecting');
});

test('a hidden page is not taken for a stuck one', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => s.handleVisibility(true, now)).run(600_000);
  assert.equal(world.name, 'live');
  assert.equal(world.opened, 1);
});

test('the broker may go while the picture is live', () => {
  const world = new World().live().do((s, now) => s.handleBroker(false, 'gone', now)).run(600_000);
  assert.equal(world.name, 'live');
  assert.equal(world.opened, 1);
  assert.deepEqual(world.closed, []);
});

test('the broker lost in the middle of an offer is awaited and the offer made anew', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleBroker(false, 'The broker is out of reach', now); });
  assert.equal(world.closed.length, 1);
  assert.equal(world.run(30_000).opened, 1);
  assert.equal(world.do((s, now) => s.handleBroker(true, '', now)).opened, 2);
});

test('a short ICE outage heals by itself, a longer one makes a new session', () => {
  const world = new World().live();
  world.do((s, now) => s.handleTransport('disconnected', now)).run(limits.disconnected - 500).do((s, now) => s.handleTransport('connected', now)).run(10_000);
  assert.equal(world.opened, 1);
  world.frames = false;
  world.do((s, now) => s.handleTransport('disconnected', now)).run(limits.disconnected + 500);
  assert.equal(world.opened, 2);
  assert.equal(world.name, 'reconnecting');
});

test('attempts that fail come ever more slowly, and at once again after a picture', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); });
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    const before = world.opened;
    world.do((s, now) => s.handleTransport('failed', now));
    const from = world.now;
    while (world.opened === before) world.run(50);
    times.push(world.now - from);
  }

  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  assert.ok(times[0]! <= 350 && times[7]! >= 15_000 && times[7]! < 16_000, String(times));
  world.do((s, now) => { s.handleAnswer(now); s.handleTransport('connected', now); });
  world.frames = true;
  world.run(100);
  world.frames = false;
  const before = world.opened;
  assert.equal(world.do((s, now) => s.handleTransport('failed', now)).run(400).opened, before + 1);
});

test('a refusal that will stand is said in words and not repeated', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleRefusal(403, '', now); }).run(600_000);
  assert.equal(world.name, 'refused');
  assert.equal(world.supervisor.state.detail, 'Because this link does not allow it');
  assert.equal(world.opened, 1);
  assert.equal(world.do((s, now) => s.start(now)).opened, 2);
});

test('a refusal that may pass is tried again, at once when the camera is back', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice({ ...front, cameraState: 'starting' }, now); s.handleRefusal(480, '', now); });
  assert.equal(world.name, 'waiting-for-camera');
  assert.equal(world.run(500).opened, 1);
  assert.equal(world.do((s, now) => s.handleDevice(front, now)).opened, 2);
  world.do((s, now) => s.handleRefusal(429, '', now));
  assert.equal(world.run(1500).opened, 2);
  assert.equal(world.run(1500).opened, 3);
});

test('a device that was restarted gets a new session at once', () => {
  const world = new World().live();
  world.do((s, now) => s.handleDevice({ ...front, bootId: 'b2' }, now));
  assert.equal(world.opened, 2);
  assert.equal(world.name, 'reconnecting');
});

test('a device that is silent is given up and called again', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); }).run(limits.answer + 1000);
  assert.equal(world.opened, 2);
  assert.match(world.closed[0] ?? '', /did not answer/);
});

test('after stop nothing moves', () => {
  const world = new World().live().do((s, now) => s.stop(now));
  world.do((s, now) => { s.handleBroker(false, '', now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleTransport('failed', now); s.handleEnd('x', now); }).run(60_000);
  assert.equal(world.name, 'idle');
  assert.equal(world.opened, 1);
  assert.deepEqual(world.closed, ['stopped']);
});
