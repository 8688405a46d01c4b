import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { findObstacle, noAccess } from '../src/access/access';
import { fromBase64Url, toBase64Url, utf8 } from '../src/access/bytes';
import { readFingerprint } from '../src/access/fingerprint';
import { nobleP256 } from '../src/access/noble';
import { loadP256, readPublicKey, type P256 } from '../src/access/p256';
import { SessionAccess } from '../src/access/session-access';
import { SubtleP256 } from '../src/access/subtle';
import { readClaims } from '../src/access/token';
import { describeAccess } from '../src/access/words';
import { createKey, createSdp, createToken, isSigned, signText } from './keys';

const ways: [string, P256][] = [['subtle', new SubtleP256(crypto.subtle)], ['noble', nobleP256]];
const offered = 'sha-256 AA:BB:CC';
const answered = 'sha-256 DD:EE:FF';
const device = createKey();
const holder = createKey();
const token = createToken({ sub: 'ann', name: 'Ann', scope: 'view ptz', aud: 'porch', exp: 2_000_000_000, cnf: { jwk: holder.jwk } });
const link = { token, holderKey: holder.d, identity: device.thumbprint };

/** A session whose offer is out, and the nonce of it. */
async function offer(p256: P256, access = link): Promise<{ session: SessionAccess; members: Record<string, unknown> }> {
  const session = new SessionAccess(access, 'porch', 'session1', null, () => Promise.resolve(p256));
  return { session, members: await session.prove(createSdp(offered, offered)) };
}

function answer(nonce: unknown, { key = device, fingerprint = answered, fields = ['porch', 'session1', offered] } = {}): Record<string, unknown> {
  return { sdp: createSdp(fingerprint), identity: key.jwk, signature: signText(key, ['edgecam-answer-v1', ...fields, fingerprint, nonce].join('\n')) };
}

for (const [name, p256] of ways) {
  test(`${name}: what it signs, another implementation verifies, and the other way round`, async () => {
    for (let i = 0; i < 20; i++) { // half of all signatures have a high s, and some a leading zero
      const key = createKey();
      const signature = toBase64Url((await p256.sign({ ...key.jwk, d: key.d }, utf8('ä text')))!);
      assert.ok(isSigned(key, 'ä text', signature));
      assert.ok(!isSigned(key, 'another', signature));
      const theirs = fromBase64Url(signText(key, 'ä text'))!;
      assert.ok(await p256.verify(key.jwk, theirs, utf8('ä text')));
      assert.ok(!(await p256.verify(key.jwk, theirs, utf8('another'))));
      assert.ok(!(await p256.verify(createKey().jwk, theirs, utf8('ä text'))));
      assert.ok(!(await p256.verify(key.jwk, theirs.slice(0, 63), utf8('ä text'))));
      assert.ok(!(await p256.verify({ x: key.jwk.x, y: key.jwk.x }, theirs, utf8('ä text'))), 'no point of the curve');
    }
  });

  test(`${name}: a private scalar that is not the public key's signs nothing`, async () => {
    assert.equal(await p256.sign({ ...holder.jwk, d: createKey().d }, utf8('text')), null);
    const { session } = await offer(p256);
    await assert.rejects(session.prepareRenewal({ ...link, holderKey: createKey().d }), /This link does not hold together/);
  });

  test(`${name}: an offer proves that its sender holds the token's key`, async () => {
    const { members } = await offer(p256);
    assert.equal(members['token'], token);
    assert.equal(fromBase64Url(String(members['nonce']))?.length, 16);
    assert.ok(Math.abs(Number(members['time']) - Date.now() / 1000) < 2);
    assert.ok(isSigned(holder, `edgecam-offer-v1\nporch\nsession1\n${offered}\n${members['nonce']}\n${members['time']}`, members['proof']));
  });

  test(`${name}: an answer is the device's own only as a whole`, async () => {
    const { session, members: { nonce } } = await offer(p256);
    const good = answer(nonce);
    const other = createKey();
    const bad: [string, Record<string, unknown>][] = [
      ['another certificate', { ...good, sdp: createSdp('sha-256 00:00:00') }],
      ['a second certificate', { ...good, sdp: createSdp(answered, 'sha-256 00:00:00') }],
      ['no certificate', { ...good, sdp: createSdp() }],
      ['another key', answer(nonce, { key: other })],
      ['another key under the device\'s name', { ...answer(nonce, { key: other }), identity: device.jwk }],
      ['a truncated signature', { ...good, signature: String(good['signature']).slice(0, -2) }],
      ['a longer signature', { ...good, signature: `${String(good['signature'])}AAAA` }],
      ['no signature', { sdp: good['sdp'], identity: device.jwk }],
      ['no identity', { sdp: good['sdp'], signature: good['signature'] }],
      ['another nonce', answer('AAAAAAAAAAAAAAAAAAAAAA')],
      ['another session', answer(nonce, { fields: ['porch', 'session2', offered] })],
      ['another device', answer(nonce, { fields: ['shed', 'session1', offered] })],
      ['another offer', answer(nonce, { fields: ['porch', 'session1', 'sha-256 00:00:00'] })],
    ];
    for (const [what, message] of bad) assert.equal(await session.verify(message), false, what);
    assert.equal(session.verified, false);
    assert.equal(await session.verify(good), true);
    assert.equal(session.verified, true);
    assert.deepEqual(session.describe().slice(0, 2), [['Device', 'verified'], ['Access', 'Ann: view ptz']]);
  });
}

test('each offer has a nonce of its own, and an answer to the one before is none to it', async () => {
  const { session, members } = await offer(nobleP256);
  const again = await session.prove(createSdp(offered));
  assert.notEqual(again['nonce'], members['nonce']);
  assert.equal(await session.verify(answer(members['nonce'])), false);
  assert.equal(await session.verify(answer(again['nonce'])), true);
});

test('a device that lets anybody in is taken as it comes, and called so', async () => {
  const { session } = await offer(nobleP256, { ...link, identity: null! });
  assert.equal(await session.verify({ sdp: createSdp(answered) }), true);
  assert.equal(session.verified, false);
  assert.deepEqual(session.describe()[0], ['Device', 'not verified']);
});

test('without a link an offer says nothing of access, and neither do the statistics', async () => {
  const session = new SessionAccess(noAccess, 'porch', 'session1');
  assert.deepEqual([await session.prove('no description at all'), await session.introduce(), session.describe()], [{}, {}, []]);
});

test('a token that is good for whoever sees it is shown only where the page asks for such', async () => {
  const bearer = createToken({ sub: 'ann', exp: 2_000_000_000 });
  for (const page of ['bearer', 'tokens', 'open', null] as const) {
    const session = new SessionAccess({ ...link, token: bearer }, 'porch', 'session1', page);
    const shown = page === 'bearer' ? bearer : undefined;
    assert.equal((await session.introduce())['token'], shown, String(page));
    if (page === 'bearer') await session.handleWelcome({ access: 'bearer', identity: device.jwk });
    else await assert.rejects(session.handleWelcome({ access: 'bearer', identity: device.jwk }), /good for whoever sees it/);
    const members = await session.prove(createSdp(offered));
    assert.deepEqual([members['token'], members['proof'], members['time']], [shown, undefined, undefined], String(page));
    assert.equal((await session.prepareRenewal({ ...link, token: bearer }))['token'], shown);
  }
});

test('a hello proves itself over no certificate, and another one by the device\'s clock where that is another', async () => {
  mock.timers.enable({ apis: ['Date'], now: 1_900_000_000_000 });
  try {
    const { session, members: { nonce } } = await offer(nobleP256);
    const hello = await session.introduce();
    assert.ok(isSigned(holder, `edgecam-offer-v1\nporch\nsession1\n\n${hello['nonce']}\n1900000000`, hello['proof']));
    const welcome = { identity: device.jwk, access: 'tokens', iceServers: [] };
    for (const [time, iceServers, again] of [[1_900_000_060, [], false], [1_900_000_061, [], true], [1_899_999_939, [], true], [1_900_000_000, undefined, true]] as const) {
      await session.handleWelcome({ ...welcome, time });
      assert.equal(session.mustIntroduceAgain({ iceServers }), again, `${time}`);
    }

    await session.handleWelcome({ ...welcome, time: 1_900_003_600 });
    assert.equal((await session.introduce())['time'], 1_900_003_600);
    assert.equal(session.mustIntroduceAgain(welcome), false);
    assert.equal(await session.verify(answer(nonce)), true, 'the offer has its nonce still');
  } finally {
    mock.timers.reset();
  }
});

test('a clock that is another day\'s is not followed', async () => {
  const { session } = await offer(nobleP256);
  for (const [time, days] of [[4_000_000_000, 1], [0, -1]] as const) {
    session.noteTime({ time });
    assert.ok(Math.abs(Number((await session.introduce())['time']) - (Date.now() / 1000 + days * 86_400)) < 5);
  }
});

test('proofs go by the device\'s clock, and so does the end of a token', async () => {
  mock.timers.enable({ apis: ['Date'], now: 1_900_000_000_000 });
  try {
    const { session } = await offer(nobleP256);
    await session.handleWelcome({ time: 1_900_003_600, identity: device.jwk, access: 'tokens' });
    const members = await session.prove(createSdp(offered));
    assert.equal(members['time'], 1_900_003_600);
    session.handleExpiry({ expiresIn: 60 });
    assert.equal(session.isOver, false);
    mock.timers.setTime(1_900_000_058_000);
    assert.equal(session.isOver, true);
    session.adopt(link, { expiresIn: 3600 });
    assert.equal(session.isOver, false);
    session.adopt(link, {}); // then the token's own word counts
    mock.timers.setTime((2_000_000_000 - 3600 - 60) * 1000);
    assert.equal(session.isOver, false);
    mock.timers.setTime((2_000_000_000 - 3600) * 1000);
    assert.equal(session.isOver, true);
  } finally {
    mock.timers.reset();
  }
});

test('a welcome by another device, or one that asks for a link, ends it before an offer', async () => {
  const { session } = await offer(nobleP256);
  await assert.rejects(session.handleWelcome({ identity: createKey().jwk, access: 'tokens' }), /^Error: The answer does not come from this device: somebody between it and you changed it$/);
  await assert.rejects(session.handleWelcome({ identity: 'x', access: 'tokens' }), /does not come from this device/);
  await session.handleWelcome({ identity: device.jwk, access: 'tokens' });
  await assert.rejects(new SessionAccess(noAccess, 'porch', 'session1').handleWelcome({ access: 'tokens' }), /"edgecam token"/);
  await new SessionAccess(noAccess, 'porch', 'session1').handleWelcome({ access: 'open' });
});

test('a renewal proves the new token\'s key for the session that runs', async () => {
  const { session } = await offer(nobleP256);
  const key = createKey();
  const fresh = { ...link, token: createToken({ exp: 2_000_000_000, cnf: { jwk: key.jwk } }), holderKey: key.d };
  const members = await session.prepareRenewal(fresh);
  assert.equal(members['token'], fresh.token);
  assert.ok(isSigned(key, `edgecam-renew-v1\nporch\nsession1\n${offered}\n${members['nonce']}\n${members['time']}`, members['proof']));
  assert.equal(session.access, link);
  session.adopt(fresh, null);
  assert.equal((await session.prove(createSdp(offered)))['token'], fresh.token);
});

test('where there is no secure context, the library is used', async () => {
  assert.ok((await loadP256()) instanceof SubtleP256);
  const subtle = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(crypto), 'subtle')!;
  Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true });
  try {
    assert.equal(await loadP256(), nobleP256);
  } finally {
    Object.defineProperty(crypto, 'subtle', subtle);
  }
});

test('a token is read for display, whatever it is', () => {
  assert.deepEqual(readClaims(token), { name: 'Ann', scopes: ['view', 'ptz'], audience: ['porch'], expiresAt: 2_000_000_000, holder: { x: holder.jwk.x, y: holder.jwk.y } });
  assert.deepEqual(readClaims(createToken({ sub: 's', aud: ['a', 3, 'b'], exp: 'x', cnf: { jwk: { kty: 'RSA' } } })), { name: 's', scopes: [], audience: ['a', 'b'], expiresAt: null, holder: null });
  for (const bad of ['', 'a', 'a.b', 'a.b.c', 'a.!.c', `a.${toBase64Url(utf8('3'))}.c`, `a.${toBase64Url(utf8('nul'))}.c`]) assert.equal(readClaims(bad), null, bad);
});

test('a link that cannot work says so before anything is connected', () => {
  const now = new Date('2030-01-01T12:00:00Z');
  const stale = createToken({ exp: now.getTime() / 1000 - 1 });
  const unbound = createToken({ exp: 2_000_000_000 });
  assert.equal(findObstacle(link, 'tokens', now), null);
  assert.match(findObstacle({ ...link, token: stale }, 'tokens', now)!, /^This link expired on .*2030.*; ask whoever runs the device for a new one$/);
  assert.match(findObstacle({ ...link, token: stale }, null, now)!, /^This link expired/);
  assert.equal(findObstacle({ ...link, token: stale }, 'open', now), null);
  assert.match(findObstacle(noAccess, 'tokens', now)!, /"edgecam token"/);
  assert.match(findObstacle(noAccess, 'bearer', now)!, /"edgecam token"/);
  assert.equal(findObstacle(noAccess, null, now), null);
  assert.match(findObstacle({ ...link, holderKey: null }, 'tokens', now)!, /incomplete/);
  assert.equal(findObstacle({ ...link, holderKey: null }, 'bearer', now), null);
  assert.match(findObstacle({ ...link, holderKey: null }, null, now)!, /its key is missing/);
  for (const mode of ['tokens', 'bearer', null] as const) assert.match(findObstacle({ ...link, identity: null }, mode, now)!, /incomplete: it does not say by what to know the device/);
  assert.equal(findObstacle({ ...link, identity: null }, 'open', now), null);
  for (const mode of ['tokens', null] as const) assert.match(findObstacle({ ...link, token: unbound }, mode, now)!, /good for whoever sees it/);
  assert.equal(findObstacle({ token: unbound, holderKey: null, identity: null }, 'bearer', now), null);
  assert.match(findObstacle({ ...link, token: 'x' }, 'tokens', now)!, /damaged/);
  for (const bad of ['x', holder.d.slice(1), `${holder.d.slice(1)}!`, `${'A'.repeat(42)}B`]) {
    assert.match(findObstacle({ ...link, holderKey: bad }, 'tokens', now)!, /damaged/, bad);
    assert.match(findObstacle({ ...link, identity: bad }, null, now)!, /damaged/, bad);
  }
});

test('a certificate is named once, and in one spelling', () => {
  assert.equal(readFingerprint(createSdp(answered, answered)), answered);
  assert.equal(readFingerprint(createSdp(answered).replaceAll('\r\n', '\n')), answered);
  for (const bad of ['', createSdp(), createSdp(answered, offered), `${createSdp(answered)}A=FINGERPRINT:${answered}\r\n`, `${createSdp(answered)} a=fingerprint:${answered}\r\n`, `${createSdp(answered)}a=fingerprint: ${offered}\r\n`])
    assert.equal(readFingerprint(bad), null, bad);
});

test('what the link allows stands in the statistics', () => {
  const lines = describeAccess(readClaims(token), false, false);
  assert.deepEqual(lines.slice(0, 2), [['Device', 'not verified'], ['Access', 'Ann: view ptz']]);
  assert.match(lines[2]![1], /2033/);
  assert.deepEqual(describeAccess(null, false, true), []);
  assert.deepEqual(describeAccess(null, true, true), [['Device', 'verified']]);
  assert.equal(describeAccess(readClaims(createToken({})), false, false)[1]![1], 'by a link');
});

test('a public key is on this curve, and has whole coordinates', () => {
  assert.deepEqual(readPublicKey(device.jwk), { x: device.jwk.x, y: device.jwk.y });
  for (const bad of [null, 3, 'x', {}, { ...device.jwk, kty: 'OKP' }, { ...device.jwk, crv: 'P-384' }, { ...device.jwk, x: device.jwk.x.slice(1) }, { ...device.jwk, y: 7 }])
    assert.equal(readPublicKey(bad), null);
});
