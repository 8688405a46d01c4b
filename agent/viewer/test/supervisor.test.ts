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
  readonly restarted: number[] = [];
  readonly probed: number[] = [];
  readonly states: ViewerState[] = [];
  frames = false;
  readonly supervisor = new Supervisor({
    open: () => void this.opened++,
    close: (reason) => void this.closed.push(reason),
    probe: () => void this.probed.push(this.now),
    restart: () => void this.restarted.push(this.now),
    explain: () => 'no path, and why',
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

test('the viewer\'s own refusal stands before anything is connected, and ends what is', () => {
  const before = new World().do((s, now) => s.handleRefusal(0, 'The link expired', now));
  assert.deepEqual([before.name, before.supervisor.state.detail, before.opened, before.closed], ['refused', 'The link expired', 0, []]);
  assert.equal(new World().do((s, now) => s.handleRefusal(403, 'late', now)).name, 'idle');
  const live = new World().live().do((s, now) => s.handleRefusal(0, 'The link has expired', now));
  assert.deepEqual([live.name, live.closed], ['refused', ['refused']]);
  assert.equal(live.run(60_000).opened, 1);
});

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
  assert.equal(world.supervisor.state.detail, 'front is offline; check its power and network');
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

test('a camera that says it is back is given time to show it', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => s.handleDevice({ ...front, cameraState: 'lost' }, now)).run(60_000).do((s, now) => s.handleDevice(front, now)).run(1000);
  assert.equal(world.opened, 1);
  assert.equal(world.run(limits.stuck + 1000).opened, 2);
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

test('a picture that the browser wants a gesture for is asked one for, and its session kept', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => s.handlePlayBlocked(true, now)).run(60_000);
  assert.equal(world.opened, 1);
  assert.match(world.supervisor.state.detail, /tap/i);
  assert.deepEqual([world.probed.length, world.restarted.length], [0, 0]);
  world.do((s, now) => s.handlePlayBlocked(false, now)).run(500);
  assert.equal(world.opened, 1); // the first picture is still to come
  world.frames = true;
  assert.equal(world.run(100).name, 'live');
  world.do((s, now) => { s.handlePlayBlocked(true, now); s.handleTransport('disconnected', now); }).run(2100);
  assert.match(world.supervisor.state.detail, /looking for another path/);
});

test('a picture that was never let play is waited for as well, and a new session asks anew', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleAnswer(now); });
  world.do((s, now) => { s.handlePlayBlocked(true, now); s.handleTransport('connected', now); }).run(60_000);
  assert.deepEqual([world.opened, world.name], [1, 'connecting']);
  assert.match(world.supervisor.state.detail, /tap/i);
  world.do((s, now) => { s.handleEnd('it ended', now); }).run(1000).do((s, now) => { s.handleAnswer(now); s.handleTransport('connected', now); });
  assert.equal(world.supervisor.state.detail, 'Waiting for the first picture');
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

test('an interrupted path is sought anew in the same session, again and again, and then in a new one', () => {
  const world = new World().live();
  world.frames = false;
  const began = world.now;
  world.do((s, now) => s.handleTransport('disconnected', now)).run(limits.restart - 1000);
  assert.equal(world.opened, 1);
  assert.deepEqual(world.restarted.map((at) => at - began), [200, 3200, 6200, 9200]);
  assert.equal(world.name, 'reconnecting');
  world.run(1100);
  assert.equal(world.opened, 2);
  assert.deepEqual(world.closed, ['the connection to the device was lost']);
});

test('a path that was found anew ends the search', () => {
  const world = new World().live();
  world.do((s, now) => s.handleTransport('disconnected', now)).run(1000).do((s, now) => s.handleTransport('connected', now)).run(60_000);
  assert.deepEqual([world.opened, world.restarted.length, world.name], [1, 1, 'live']);
});

test('a failed path is sought anew at once', () => {
  const world = new World().live().do((s, now) => s.handleTransport('failed', now));
  assert.equal(world.restarted.length, 1);
  assert.equal(world.do((s, now) => s.handleTransport('failed', now)).restarted.length, 1);
  assert.equal(world.run(limits.restartAgain).restarted.length, 2);
  assert.equal(world.opened, 1);
});

test('without a broker the old session is tried longer, and at once when the broker is back', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => { s.handleBroker(false, 'gone', now); s.handleTransport('disconnected', now); }).run(limits.restart + 5050);
  assert.deepEqual([world.opened, world.closed.length, world.name], [1, 0, 'reconnecting']);
  const before = world.restarted.length;
  world.do((s, now) => { s.handleBroker(true, '', now); s.handleTransport('connected', now); });
  world.do((s, now) => { s.handleTransport('disconnected', now); s.handleBroker(false, 'gone', now); }).run(500);
  assert.equal(world.restarted.length, before + 1);
  world.do((s, now) => s.handleBroker(true, '', now)).run(50);
  assert.equal(world.restarted.length, before + 2);
  world.do((s, now) => s.handleBroker(false, 'gone', now)).run(limits.restartWithoutBroker);
  assert.deepEqual(world.closed, ['the connection to the device was lost']);
});

test('changed addresses, here or there, are reason enough for a new path', () => {
  const world = new World().live();
  for (let i = 0; i < 5; i++) world.do((s, now) => s.handlePathInDoubt(now));
  assert.equal(world.restarted.length, 1);
  world.run(1000).do((s, now) => s.handlePathInDoubt(now));
  assert.equal(world.restarted.length, 2);
  assert.equal(world.run(60_000).opened, 1); // the picture never stopped
  const idle = new World().do((s, now) => s.handlePathInDoubt(now));
  assert.equal(idle.restarted.length, 0);
});

test('pictures that stay away make it ask whether the path is alive, and a silent one is sought anew until they come', () => {
  const world = new World().live();
  world.frames = false;
  const began = world.now;
  world.run(3000);
  assert.deepEqual(world.probed.map((at) => at - began), [700, 2700]);
  assert.deepEqual([world.restarted.length, world.name], [0, 'waiting-for-camera']);
  world.do((s, now) => s.handleSilence(now)).run(limits.restartAgain);
  assert.deepEqual([world.restarted.length, world.name], [2, 'reconnecting']);
  world.do((s, now) => { s.handleBroker(false, 'dead', now); s.handleBroker(true, '', now); }).run(50);
  assert.equal(world.restarted.length, 3); // the broker is there again: what could not be said before is said now
  world.frames = true;
  world.run(1500).do((s, now) => s.handleSilence(now)).run(10_000);
  assert.deepEqual([world.restarted.length, world.probed.length, world.name, world.opened], [3, 2, 'live', 1]);
});

test('a camera that is known to be lost, or a page that nobody sees, is not asked about', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => s.handleVisibility(true, now)).run(10_000);
  world.do((s, now) => { s.handleVisibility(false, now); s.handleDevice({ ...front, cameraState: 'lost' }, now); }).run(10_000);
  assert.equal(world.probed.length, 0);
});

test('a doubt about the path ends in time where no pictures are due that would end it', () => {
  for (const quieten of [
    (s: Supervisor, now: number) => s.handleDevice({ ...front, cameraState: 'lost' }, now),
    (s: Supervisor, now: number) => s.handleVisibility(true, now),
  ]) {
    const world = new World().live();
    world.frames = false;
    world.do(quieten).do((s, now) => s.handlePathInDoubt(now)).run(60_000);
    assert.ok(world.restarted.length <= 5, String(world.restarted.length));
    assert.ok(world.probed.length > 0 && world.probed.length <= 6, String(world.probed.length));
    assert.ok(world.name === 'waiting-for-camera' || world.name === 'live', world.name);
    assert.equal(world.opened, 1);
  }
});

test('a path that answers a probe is in doubt no longer, though its camera gives no pictures', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => s.handleDevice({ ...front, cameraState: 'lost' }, now)).run(1000).do((s, now) => s.handlePathInDoubt(now));
  world.do((s, now) => s.handleReply(now)); // to a question from before
  assert.equal(world.name, 'reconnecting');
  world.run(100).do((s, now) => s.handleReply(now));
  assert.deepEqual([world.name, world.restarted.length], ['waiting-for-camera', 1]);
  world.run(60_000);
  assert.deepEqual([world.name, world.restarted.length, world.probed.length, world.opened], ['waiting-for-camera', 1, 1, 1]);
});

test('a probe that stays unanswered seeks no path more often than before', () => {
  const world = new World().live();
  world.frames = false;
  world.do((s, now) => s.handleDevice({ ...front, cameraState: 'lost' }, now)).run(1000).do((s, now) => s.handlePathInDoubt(now));
  for (let i = 0; i < 5; i++) world.run(2000).do((s, now) => s.handleSilence(now));
  assert.equal(world.restarted.length, 4);
});

test('where no path is found, why and what to do is said, and stays said while it is tried again', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleAnswer(now); }).run(limits.connect + 50);
  assert.match(world.supervisor.state.detail, /^No path, and why; trying again in 1 s$/);
  world.run(400);
  assert.equal(world.opened, 2);
  assert.equal(world.supervisor.state.detail, 'Trying again: no path, and why');
  world.live();
  assert.equal(world.supervisor.state.detail, '');
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
  assert.equal(world.do((s, now) => s.handleEnd('it ended', now)).run(400).opened, before + 1);
});

test('a refusal that will stand is said in words and not repeated', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleRefusal(403, '', now); }).run(600_000);
  assert.equal(world.name, 'refused');
  assert.equal(world.supervisor.state.detail, 'Because this link does not allow it; ask whoever runs the device for a new link');
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

test('so it does where its status came only after the session was made', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); }).run(limits.status + 50);
  world.do((s, now) => { s.handleAnswer(now); s.handleTransport('connected', now); s.handleDevice({ ...front, bootId: null }, now); s.handleDevice(front, now); });
  assert.equal(world.opened, 1);
  assert.equal(world.do((s, now) => s.handleDevice({ ...front, bootId: 'b2' }, now)).opened, 2);
});

test('whoever starts again does not read why it did not work before', () => {
  const world = new World().do((s, now) => { s.start(now); s.handleBroker(true, '', now); s.handleDevice(front, now); s.handleAnswer(now); }).run(limits.connect + 50);
  world.do((s, now) => { s.stop(now); s.start(now); });
  assert.equal(world.supervisor.state.detail, 'Asking front for a picture');
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
