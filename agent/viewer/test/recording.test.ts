import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Access } from '../src/controls/access';
import { RecordingController, recordingLimits } from '../src/controls/recording-controller';
import { RpcError } from '../src/rpc';
import { FakeDevice, FakeTimers, settled } from './fakes';

const recording = { id: 'cam0-00000001-20300501T120000Z', camera: 'cam0', start: 1_900_000_000_000, seconds: 12.5, pictures: 375, bytes: 100_000 };

class World {
  readonly timers = new FakeTimers();
  readonly device = new FakeDevice(this.timers);
  readonly access = new Access();
  readonly controller = new RecordingController(this.device, this.access, this.timers, () => 'cam0', () => {});
  readonly file = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);

  constructor() {
    this.be('idle');
    this.device.answers.set('recording.list', { recordings: [recording, { odd: 1 }] });
    for (const method of ['recording.start', 'recording.stop', 'recording.delete']) this.device.answers.set(method, {});
    this.device.answers.set('recording.read', ({ offset, length }: Record<string, unknown>) => {
      const data = this.file.subarray(Number(offset), Number(offset) + Number(length ?? 32_768));
      return { offset, size: this.file.length, data: Buffer.from(data).toString('base64'), last: false };
    });
  }

  be(state: string, mode = 'onRequest'): void {
    this.device.answers.set('recording.status', { cameras: [{ camera: 'other', mode: 'off', state: 'idle' }, { camera: 'cam0', mode, state, detail: 'words' }] });
  }

  async open(): Promise<this> {
    await this.controller.handleOpen();
    return this;
  }

  heard(): string[] {
    return this.device.take().map(({ method, params }) => `${method} ${JSON.stringify(params)}`);
  }
}

test('it shows the camera that is watched and what was recorded of it', async () => {
  const world = await new World().open();
  assert.deepEqual(world.heard(), ['recording.status {}', `recording.list {"camera":"cam0","limit":${recordingLimits.listed}}`]);
  assert.deepEqual([world.controller.isOffered, world.controller.state, world.controller.words], [true, 'idle', 'words']);
  assert.deepEqual(world.controller.recordings, [{ id: recording.id, start: recording.start, seconds: 12.5, bytes: 100_000, label: null, open: false }]);
});

test('one press records, the next one ends it, and impatience changes nothing', async () => {
  const world = await new World().open();
  world.device.take();
  world.be('recording');
  const first = world.controller.toggle();
  void world.controller.toggle();
  assert.equal(world.controller.isBusy, true);
  await first;
  assert.deepEqual(world.heard().filter((said) => said.includes('.st') && !said.includes('status')), ['recording.start {"camera":"cam0"}']);
  assert.deepEqual([world.controller.state, world.controller.isBusy], ['recording', false]);
  world.be('idle');
  await world.controller.toggle();
  assert.equal(world.heard()[0], 'recording.stop {"camera":"cam0"}');
  assert.equal(world.controller.state, 'idle');
});

test('while it records the device is asked every few seconds, and no more when the session is over', async () => {
  const world = new World();
  world.be('recording');
  await world.open();
  world.device.take();
  world.be('full');
  world.timers.run(recordingLimits.poll);
  await settled();
  assert.equal(world.controller.state, 'full');
  world.controller.handleClose();
  world.device.take();
  world.timers.run(100_000);
  assert.deepEqual(world.heard(), []);
});

test('a recording is fetched whole, in pieces that are asked for ahead', async () => {
  const world = await new World().open();
  const shares: number[] = [];
  const controller = new RecordingController(world.device, world.access, world.timers, () => 'cam0', () => { if (controller.fetching !== null) shares.push(controller.fetching.share); });
  const fetched = await controller.fetch({ ...recording, label: null, open: false });
  assert.deepEqual(fetched, world.file);
  assert.equal(shares.at(-1), 1);
  assert.equal(controller.fetching, null);
});

test('a piece that does not come is said, and nothing half is given', async () => {
  const world = await new World().open();
  let calls = 0;
  world.device.answers.set('recording.read', () => (++calls === 1 ? { size: 100_000, data: Buffer.alloc(32_768).toString('base64') } : new RpcError(-32002, 'Not found: that recording')));
  assert.equal(await world.controller.fetch(world.controller.recordings[0]!), null);
  assert.match(world.controller.fault!, /Not found/);
});

test('one piece that fails ends all: no further one is asked for', async () => {
  const world = await new World().open();
  world.device.take();
  const waiting: ((answer: unknown) => void)[] = [];
  const large = 40 * 32_768;
  const piece = { size: large, data: Buffer.alloc(32_768).toString('base64') };
  let calls = 0;
  world.device.answers.set('recording.read', () => (++calls === 1 ? piece : calls === 2 ? new RpcError(-32002, 'Not found: that recording') : new Promise((resolve) => { waiting.push(resolve); })));
  assert.equal(await world.controller.fetch(world.controller.recordings[0]!), null);
  assert.equal(calls, 1 + recordingLimits.ahead);
  for (const resolve of waiting) resolve(piece);
  await settled();
  assert.equal(calls, 1 + recordingLimits.ahead);
  assert.match(world.controller.fault!, /Not found/);
});

test('a piece that the device was too busy for, or that was lost, is asked for once more, and not twice', async () => {
  for (const code of [-32029, 408]) {
    const world = await new World().open();
    const give = world.device.answers.get('recording.read') as (params: Record<string, unknown>) => unknown;
    const failed = new Map<unknown, number>();
    let most = 1;
    world.device.answers.set('recording.read', (params: Record<string, unknown>) => {
      const before = failed.get(params['offset']) ?? 0;
      if (before === most) return give(params);
      failed.set(params['offset'], before + 1);
      return new RpcError(code, 'Too many requests');
    });
    const waited = async (fetched: Promise<unknown>): Promise<unknown> => {
      let isDone = false;
      void fetched.then(() => { isDone = true; });
      for (let turns = 0; turns < 20 && !isDone; turns++) {
        await settled();
        world.timers.run(recordingLimits.again);
      }

      return fetched;
    };
    assert.deepEqual(await waited(world.controller.fetch(world.controller.recordings[0]!)), world.file);
    most = 2;
    failed.clear();
    assert.equal(await waited(world.controller.fetch(world.controller.recordings[0]!)), null);
    assert.deepEqual([...failed], [[0, 2]]);
  }
});

test('without the scope, without the method, or where it is off, it is not offered', async () => {
  const refused = new World();
  refused.device.answers.set('recording.status', new RpcError(-32001, 'Forbidden', { scope: 'record' }));
  await refused.open();
  assert.equal(refused.controller.isOffered, false);

  const old = new World();
  old.device.answers.delete('recording.status');
  await old.open();
  assert.equal(old.controller.isOffered, false);

  const off = new World();
  off.be('idle', 'off');
  await off.open();
  assert.equal(off.controller.isOffered, false);
  assert.equal(off.timers.waiting, 0);

  const lacking = new World();
  lacking.access.handleAnswer({ scopes: ['view'] });
  await lacking.open();
  assert.deepEqual([lacking.controller.isOffered, lacking.heard()], [false, []]);
});
