import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Broker } from '../src/broker';
import { readIceServers, Signaling, type Message } from '../src/signaling';

/** A broker that keeps what it is given, and says what it is told to. */
class FakeBroker {
  up = true;
  readonly published: { topic: string; message: Message }[] = [];
  flushed = 0;
  filter: string | null = null;
  say: (payload: string) => void = () => {};

  subscribe(filter: string, handler: (topic: string, payload: string, retained: boolean) => void, replay: boolean): Promise<() => void> {
    assert.equal(replay, false);
    this.filter = filter;
    this.say = (payload) => handler(filter, payload, false);
    return Promise.resolve(() => (this.filter = null));
  }

  publish(topic: string, payload: string): boolean {
    if (this.up) this.published.push({ topic, message: JSON.parse(payload) as Message });
    return this.up;
  }

  flush(): void {
    this.flushed++;
  }
}

async function open(): Promise<{ broker: FakeBroker; heard: Message[]; signaling: Signaling }> {
  const broker = new FakeBroker();
  const heard: Message[] = [];
  const signaling = new Signaling(broker as unknown as Broker, 'p/d/session/c/s', (message) => heard.push(message));
  await signaling.open();
  return { broker, heard, signaling };
}

test('each message of the device is heard once, and what is none not at all', async () => {
  const { broker, heard } = await open();
  assert.equal(broker.filter, 'p/d/session/c/s/to-viewer');
  const messages = ['', 'x', 'null', '3', '{"v":2,"seq":1,"type":"answer"}', '{"v":1,"type":"answer"}', '{"v":1,"seq":4,"type":"welcome"}',
    '{"v":1,"seq":4,"type":"welcome"}', '{"v":1,"seq":3,"type":"late"}', '{"v":1,"seq":9,"type":"answer"}'];
  for (const payload of messages) broker.say(payload);
  assert.deepEqual(heard.map((message) => message['type']), ['welcome', 'answer']);
});

test('what is sent is numbered without gaps, whatever the broker refuses', async () => {
  const { broker, signaling } = await open();
  assert.equal(signaling.send('hello'), 1);
  broker.up = false;
  assert.ok(!signaling.up && signaling.send('offer', { sdp: 'lost' }) === null);
  broker.up = true;
  assert.equal(signaling.send('offer', { sdp: 'x' }), 2);
  assert.deepEqual(broker.published.map(({ topic, message }) => [topic, message['seq'], message['type']]),
    [['p/d/session/c/s/to-device', 1, 'hello'], ['p/d/session/c/s/to-device', 2, 'offer']]);
});

test('the end is said once, at once, and only where it is news', async () => {
  const told = await open();
  told.signaling.close('stopped');
  told.signaling.close('stopped');
  assert.deepEqual(told.broker.published.map(({ message }) => [message['type'], message['reason']]), [['bye', 'stopped']]);
  assert.equal(told.broker.flushed, 1);
  assert.equal(told.broker.filter, null);
  assert.equal(told.signaling.send('offer'), null);
  told.broker.say('{"v":1,"seq":1,"type":"answer"}');
  assert.deepEqual(told.heard, []);

  const known = await open();
  known.signaling.close(null);
  assert.deepEqual(known.broker.published, []);
});

test('ICE servers are read where a message names them', () => {
  assert.equal(readIceServers({ type: 'answer' }), null);
  assert.deepEqual(readIceServers({ iceServers: [] }), []);
  assert.deepEqual(readIceServers({ iceServers: [{ urls: ['turn:a'], username: 'u', credential: 'c' }, { urls: 'http:b' }, 7] }),
    [{ urls: ['turn:a'], username: 'u', credential: 'c' }]);
});
