import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { noAccess, type Access } from '../src/access/access';
import type { Broker } from '../src/broker';
import { Call, type CallEvents } from '../src/call';
import type { Message } from '../src/signaling';
import { ownRefusal } from '../src/words';
import { createKey, createSdp, createToken, signText } from './keys';

/** A broker that keeps what it is given, and says what it is told to. */
class FakeBroker extends EventTarget {
  readonly up = true;
  readonly connections = 1;
  readonly clientId = 'c';
  readonly published: Message[] = [];
  #say: (payload: string) => void = () => {};
  #seq = 0;

  subscribe(filter: string, handler: (topic: string, payload: string, retained: boolean) => void): Promise<() => void> {
    this.#say = (payload) => handler(filter, payload, false);
    return Promise.resolve(() => {});
  }

  publish(_: string, payload: string): boolean {
    this.published.push(JSON.parse(payload) as Message);
    return true;
  }

  flush(): void {}

  say(type: string, members: Record<string, unknown>): void {
    this.#say(JSON.stringify({ v: 1, type, seq: ++this.#seq, ...members }));
  }

  get offers(): Message[] {
    return this.published.filter((message) => message['type'] === 'offer');
  }
}

class FakeChannel {
  readyState = 'connecting';
  bufferedAmount = 0;
  readonly sent: string[] = [];

  constructor(readonly label: string, readonly options: RTCDataChannelInit) {}

  send(text: string): void {
    this.sent.push(text);
  }
}

/** As much of a peer connection as a call uses. */
class FakePeer {
  static latest: FakePeer;
  static offer = (number: number): string => `offer ${number}`;
  readonly answers: string[] = [];
  readonly channels: FakeChannel[] = [];
  connectionState = 'new';
  readonly iceConnectionState = 'new';
  signalingState = 'stable';
  localDescription: { type: string; sdp: string } | null = null;
  #offers = 0;

  constructor(public configuration: RTCConfiguration) {
    FakePeer.latest = this;
  }

  createDataChannel(label: string, options: RTCDataChannelInit): object {
    const channel = new FakeChannel(label, options);
    this.channels.push(channel);
    return channel;
  }

  addTransceiver(): object {
    return { receiver: {} };
  }

  createOffer(): Promise<{ type: string; sdp: string }> {
    return Promise.resolve({ type: 'offer', sdp: FakePeer.offer(++this.#offers) });
  }

  setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.signalingState = description.type === 'rollback' ? 'stable' : 'have-local-offer';
    this.localDescription = description.type === 'rollback' ? null : description;
    return Promise.resolve();
  }

  setRemoteDescription(description: { sdp: string }): Promise<void> {
    this.signalingState = 'stable';
    this.answers.push(description.sdp);
    return Promise.resolve();
  }

  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  close(): void {}
}

(globalThis as { RTCPeerConnection?: unknown }).RTCPeerConnection = FakePeer;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A call whose hello is out. */
function create(access: Access = noAccess): { broker: FakeBroker; call: Call; heard: string[]; opening: Promise<void> } {
  const broker = new FakeBroker();
  const heard: string[] = [];
  const events: CallEvents = {
    answered: () => heard.push('answered'),
    refused: (code, message) => heard.push(code === ownRefusal ? message : `refused ${code}`),
    ended: (reason) => heard.push(`ended ${reason}`),
    transport: () => {}, restartWanted: () => {}, track: () => {}, controlOpened: () => {}, notified: () => {},
  };
  const call = new Call('s', { broker: broker as unknown as Broker, prefix: 'p', device: 'd', camera: null, access, accessMode: null, iceServers: [] }, events);
  return { broker, call, heard, opening: call.open() };
}

/** A call whose first offer is out. */
async function open(): Promise<{ broker: FakeBroker; call: Call; heard: string[] }> {
  const { broker, call, heard, opening } = create();
  await settled();
  broker.say('welcome', {});
  await opening;
  return { broker, call, heard };
}

const turn = { urls: ['turn:t'], username: 'u', credential: 'p' };

/** A call that was offered without a welcome, since none came in time. */
async function openUnwelcomed(): Promise<{ broker: FakeBroker; call: Call }> {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { broker, call, opening } = create();
  await settled();
  mock.timers.tick(2000);
  mock.timers.reset();
  await opening;
  assert.equal(broker.offers.length, 1);
  return { broker, call };
}

/** The same, answered, and with two restarts after it, of which the first was given up. */
async function restartTwice(): Promise<{ broker: FakeBroker; call: Call; heard: string[]; given: unknown; latest: unknown }> {
  const { broker, call, heard } = await open();
  broker.say('answer', { sdp: 'answer 1', re: broker.offers[0]!['seq'] });
  await settled();
  await call.restart();
  await call.restart();
  assert.deepEqual(broker.offers.map((offer) => offer['sdp']), ['offer 1', 'offer 2', 'offer 3']);
  return { broker, call, heard, given: broker.offers[1]!['seq'], latest: broker.offers[2]!['seq'] };
}

test('a late answer to an offer that was given up is not taken for the next one\'s', async () => {
  const { broker, call, given, latest } = await restartTwice();
  broker.say('answer', { sdp: 'answer 2', re: given });
  await settled();
  assert.deepEqual(FakePeer.latest.answers, ['answer 1']);
  broker.say('answer', { sdp: 'answer 3', re: latest });
  await settled();
  assert.deepEqual(FakePeer.latest.answers, ['answer 1', 'answer 3']);
  call.close('the test is over');
});

test('a late refusal of one does not end what the next one brought', async () => {
  const { broker, call, heard, given, latest } = await restartTwice();
  broker.say('answer', { sdp: 'answer 3', re: latest });
  await settled();
  broker.say('error', { code: 429, message: 'too soon', re: given });
  await settled();
  assert.deepEqual(heard, ['answered']);
  broker.say('error', { code: 503, message: 'a fault' }); // about none: it is the session's
  assert.deepEqual(heard, ['answered', 'refused 503']);
  call.close('the test is over');
});

test('a message that the device would not read does not end a session that is established', async () => {
  const { broker, call, heard } = await open();
  broker.say('answer', { sdp: 'answer 1', re: broker.offers[0]!['seq'] });
  await settled();
  for (const code of [400, 413, 429]) broker.say('error', { code, message: 'not that one' });
  assert.deepEqual(heard, ['answered']);
  broker.say('error', { code: 403, message: 'the link has expired' }); // but this is the session's
  assert.deepEqual(heard, ['answered', 'refused 403']);
  call.close('the test is over');
});

test('before that, such an error ends it, as nothing else will', async () => {
  const { broker, call, heard } = await open();
  broker.say('error', { code: 429, message: 'too many viewers' });
  assert.deepEqual(heard, ['refused 429']);
  call.close('the test is over');
});

test('an answer that does not say whose it is is taken, as devices of an earlier version send it', async () => {
  const { broker, call, heard } = await open();
  broker.say('answer', { sdp: 'answer 1' });
  await settled();
  assert.deepEqual([FakePeer.latest.answers, heard], [['answer 1'], ['answered']]);
  call.close('the test is over');
});

test('a refusal of the first offer is said', async () => {
  const { broker, call, heard } = await open();
  broker.say('error', { code: 404, message: 'no camera', re: broker.offers[0]!['seq'] });
  assert.deepEqual(heard, ['refused 404']);
  call.close('the test is over');
});

test('a welcome that comes late brings its ICE servers all the same, and they are gathered from once', async () => {
  for (const order of ['welcome first', 'answer first']) {
    const { broker, call } = await openUnwelcomed();
    const answer = (): void => broker.say('answer', { sdp: 'answer 1', re: broker.offers[0]!['seq'] });
    if (order === 'answer first') answer();
    await settled();
    broker.say('welcome', { iceServers: [turn] });
    if (order === 'welcome first') answer();
    await settled();
    assert.deepEqual(FakePeer.latest.configuration.iceServers, [turn], order);
    assert.deepEqual(broker.offers.map((offer) => offer['sdp']), ['offer 1', 'offer 2'], order);
    broker.say('answer', { sdp: 'answer 2', re: broker.offers[1]!['seq'] });
    broker.say('welcome', { iceServers: [turn] }); // to another hello: fresh credentials, no more
    await settled();
    assert.equal(broker.offers.length, 2, order);
    call.close('the test is over');
  }
});

test('a late welcome restarts nothing where there is a path, or where it brings no ICE servers', async () => {
  for (const [state, iceServers] of [['connected', [turn]], ['new', []]] as const) {
    const { broker, call } = await openUnwelcomed();
    broker.say('answer', { sdp: 'answer 1', re: broker.offers[0]!['seq'] });
    await settled();
    FakePeer.latest.connectionState = state;
    broker.say('welcome', { iceServers });
    await settled();
    assert.deepEqual([broker.offers.length, FakePeer.latest.configuration.iceServers], [1, iceServers]);
    call.close('the test is over');
  }
});

const device = createKey();
const offered = 'sha-256 AA';

/** A call by a link, whose first offer is out. */
async function openByLink(welcome: Record<string, unknown> = { access: 'tokens', iceServers: [] }, exp = 2_000_000_000): Promise<{ broker: FakeBroker; call: Call; heard: string[] }> {
  FakePeer.offer = () => createSdp(offered);
  const holder = createKey();
  const { broker, call, heard, opening } = create({ token: createToken({ exp, cnf: { jwk: holder.jwk } }), holderKey: holder.d, identity: device.thumbprint });
  await settled();
  broker.say('welcome', welcome);
  await opening;
  return { broker, call, heard };
}

/** The device's answer to the latest offer. */
function answer(broker: FakeBroker, { fingerprint = 'sha-256 DD', key = device } = {}): Record<string, unknown> {
  const { seq, nonce } = broker.offers.at(-1)!;
  return { re: seq, sdp: createSdp(fingerprint), identity: key.jwk, signature: signText(key, `edgecam-answer-v1\nd\ns\n${offered}\nsha-256 DD\n${nonce}`) };
}

const verified = async (): Promise<void> => { for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5)); };
const foreign = 'The answer does not come from this device: somebody between it and you changed it';

test('an answer that is the device\'s own is applied, one that somebody changed is not', async () => {
  const own = await openByLink();
  assert.ok(own.broker.published.every((message) => message['token'] !== undefined), 'in hello and offer');
  own.broker.say('answer', answer(own.broker));
  await verified();
  assert.deepEqual([own.heard, FakePeer.latest.answers.length], [['answered'], 1]);
  own.call.close('the test is over');
  for (const change of [{ fingerprint: 'sha-256 00' }, { key: createKey() }]) {
    const changed = await openByLink();
    changed.broker.say('answer', answer(changed.broker, change));
    await verified();
    assert.deepEqual([changed.heard, FakePeer.latest.answers], [[foreign], []]);
    changed.call.close('the test is over');
  }
});

test('a changed answer to a restart leaves the connection as it is', async () => {
  const { broker, call, heard } = await openByLink();
  broker.say('answer', answer(broker));
  await verified();
  await call.restart();
  assert.notEqual(broker.offers[1]!['nonce'], broker.offers[0]!['nonce']);
  assert.ok(broker.offers[1]!['proof'] !== undefined);
  broker.say('answer', answer(broker, { fingerprint: 'sha-256 00' }));
  await verified();
  assert.deepEqual([heard, FakePeer.latest.answers.length], [['answered'], 1]);
  broker.say('answer', answer(broker));
  await verified();
  assert.deepEqual([heard, FakePeer.latest.answers.length], [['answered'], 2]);
  call.close('the test is over');
});

test('a hello that could not be proved is said again by the device\'s clock, before candidates are gathered', async () => {
  FakePeer.offer = () => createSdp(offered);
  const holder = createKey();
  for (const first of [{ time: Date.now() / 1000 + 3600 }, { time: Date.now() / 1000 + 3600, iceServers: [] }, { time: Date.now() / 1000 }]) {
    const { broker, call, opening } = create({ token: createToken({ exp: 2_000_000_000, cnf: { jwk: holder.jwk } }), holderKey: holder.d, identity: device.thumbprint });
    const hellos = async (number: number): Promise<Message> => {
      while (broker.published.length < number) await settled();
      return broker.published[number - 1]!;
    };
    assert.ok((await hellos(1))['proof'] !== undefined);
    broker.say('welcome', { access: 'tokens', ...first });
    const again = await hellos(2);
    assert.deepEqual([again['type'], Math.abs(Number(again['time']) - first.time) < 5], ['hello', true]);
    broker.say('welcome', { access: 'tokens', time: first.time, iceServers: [turn] });
    await opening;
    assert.deepEqual([broker.published.length, FakePeer.latest.configuration.iceServers], [3, [turn]], 'hello, hello, offer');
    call.close('the test is over');
  }
});

test('a welcome by another device is not offered to', async () => {
  const { broker, call, heard } = await openByLink({ access: 'tokens', identity: createKey().jwk });
  assert.deepEqual([heard, broker.offers.length], [[foreign], 0]);
  call.close('the test is over');
});

test('however a session ends whose token\'s time is over, that is why', async () => {
  for (const [type, members] of [['bye', { reason: 'enough' }], ['error', { code: 403, message: 'expired' }]] as const) {
    const { broker, call, heard } = await openByLink({ access: 'tokens', iceServers: [] }, Date.now() / 1000 + 1);
    broker.say('answer', answer(broker));
    await verified();
    broker.say(type, members);
    assert.deepEqual(heard, ['answered', 'The link has expired; ask whoever runs the device for a new one']);
    call.close('the test is over');
  }
});

test('an access that the device ends is said in words of its own, by whichever way it is heard, and is final', async () => {
  const ends = async (say: (broker: FakeBroker, control: FakeChannel & { onmessage?: (message: { data: string }) => void }) => void): Promise<string[]> => {
    const { broker, call, heard } = await openByLink({ access: 'tokens', iceServers: [] });
    broker.say('answer', answer(broker));
    await verified();
    say(broker, FakePeer.latest.channels[0]!);
    call.close('the test is over');
    return heard.slice(1);
  };
  const revoked = 'This link was revoked; ask whoever runs the device for a new one';
  assert.deepEqual(await ends((broker) => broker.say('bye', { reason: 'the token was revoked', cause: 'revoked' })), [revoked]);
  const notified = (params: object) => (_: FakeBroker, control: { onmessage?: (message: { data: string }) => void }): void =>
    control.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', method: 'session.accessEnded', params }) });
  assert.deepEqual(await ends(notified({ reason: 'the token was revoked', cause: 'revoked' })), [revoked]);
  assert.deepEqual(await ends(notified({ reason: 'the token was revoked' })), [revoked]); // of a device of before
  assert.match((await ends((broker) => broker.say('bye', { reason: 'r', cause: 'keyWithdrawn' })))[0]!, /^The key .* no longer in use; ask/);
  assert.deepEqual(await ends((broker) => broker.say('bye', { reason: 'of a later kind', cause: 'newer' })), ['The device ended your access: of a later kind']);
  assert.deepEqual(await ends((broker) => broker.say('bye', { reason: 'enough' })), ['ended the device ended it: enough']);
});

test('what is worth nothing when late goes by a channel of its own, and by the other where that is not open', async () => {
  const { call } = await open();
  const [control, fast] = FakePeer.latest.channels as [FakeChannel, FakeChannel];
  assert.deepEqual([fast.label, fast.options], ['control-fast', { protocol: 'edgecam.control.v1', ordered: false, maxRetransmits: 0 }]);
  assert.equal(call.fast.notify('ptz.alive', {}), false);
  control.readyState = 'open';
  assert.equal(call.fast.notify('ptz.alive', {}), true);
  fast.readyState = 'open';
  assert.equal(call.fast.notify('ptz.alive', { n: 2 }), true);
  fast.bufferedAmount = 10_000; // the path is stuck
  assert.equal(call.fast.notify('ptz.alive', { n: 3 }), false);
  assert.deepEqual([control.sent, fast.sent], [['{"jsonrpc":"2.0","method":"ptz.alive","params":{}}'], ['{"jsonrpc":"2.0","method":"ptz.alive","params":{"n":2}}']]);
  call.close('the test is over');
});
