import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLink, isOwnBroker, isPrefix, parseIceServers, parseLink, parseSettings, randomName, resolveBroker } from '../src/link';

test('a link names device, camera, token, its key and the device\'s identity, and survives a round trip', () => {
  const link = { device: 'front-door', camera: 'cam0', token: 'a.b+c/d=', holderKey: 'k-_', identity: 'i-_' };
  assert.deepEqual(parseLink(formatLink(link)), link);
  assert.deepEqual(parseLink('#device=porch&token=a.b.c&key=K&identity=I'), { device: 'porch', camera: null, token: 'a.b.c', holderKey: 'K', identity: 'I' });
  const nothing = { device: null, camera: null, token: null, holderKey: null, identity: null };
  assert.deepEqual(parseLink(''), nothing);
  assert.deepEqual(parseLink(`#token=${'x'.repeat(8193)}&key=&identity=`), nothing);
  assert.equal(formatLink(nothing), '');
});

test('a name that would change a topic is no name', () => {
  for (const device of ['+', '#', 'a/b', 'A', '-a', 'a'.repeat(64), '<img>']) assert.equal(parseLink(`#device=${encodeURIComponent(device)}`).device, null, device);
  assert.equal(parseLink('#device=a&camera=../etc').camera, null);
});

test('settings that make no sense take their defaults', () => {
  const defaults = { broker: '/mqtt', prefix: 'edgecam/v1', device: null, iceServers: [], access: null };
  for (const value of [null, 1, [], {}, { broker: 3, prefix: 'a/b/c/d', device: 'A B' }, { prefix: 'a/#' }, { access: 'no' }]) assert.deepEqual(parseSettings(value), defaults);
  assert.equal(parseSettings({ broker: null }).broker, null);
  assert.deepEqual(parseSettings({ broker: 'wss://b/x', prefix: 'p', device: 'd', access: 'tokens' }), { broker: 'wss://b/x', prefix: 'p', device: 'd', iceServers: [], access: 'tokens' });
});

test('a prefix has one to three levels and no wildcard', () => {
  for (const good of ['a', 'a/b', 'a/b/c']) assert.ok(isPrefix(good));
  for (const bad of ['', '/', 'a/', '/a', 'a//b', 'a/b/c/d', 'a/+', '#', 'a b']) assert.ok(!isPrefix(bad), bad);
});

test('a path alone is the broker on the host of the page, with the scheme that fits', () => {
  assert.equal(resolveBroker('/mqtt', { href: 'http://127.0.0.1:8080/#device=a' }), 'ws://127.0.0.1:8080/mqtt');
  assert.equal(resolveBroker('/mqtt', { href: 'https://cam.example/view/' }), 'wss://cam.example/mqtt');
  assert.equal(resolveBroker('wss://broker.example:9443', { href: 'http://cam.example/' }), 'wss://broker.example:9443/');
  assert.throws(() => resolveBroker('javascript:alert(1)', { href: 'http://cam.example/' }), /^Error: The broker's address must be/);
  assert.throws(() => resolveBroker('wss://:9443', { href: 'http://cam.example/' }), /^Error: The broker's address cannot be read: wss:/);
});

test('only the broker of the page itself is asked for a list, and shown a token', () => {
  assert.ok(isOwnBroker('ws://127.0.0.1:8080/mqtt', { host: '127.0.0.1:8080' }));
  assert.ok(!isOwnBroker('wss://broker.example/mqtt', { host: '127.0.0.1:8080' }));
});

test('ICE servers are taken over only where they are some', () => {
  assert.deepEqual(parseIceServers([{ urls: 'stun:a' }, { urls: ['turn:b', 'http://c'], username: 'u', credential: 'p', more: 1 }, { urls: 'x' }, null, 3]),
    [{ urls: ['stun:a'] }, { urls: ['turn:b'], username: 'u', credential: 'p' }]);
  assert.deepEqual(parseIceServers('stun:a'), []);
});

test('random names differ and fit a topic', () => {
  const names = new Set(Array.from({ length: 1000 }, () => randomName(20)));
  assert.equal(names.size, 1000);
  for (const name of names) assert.match(name, /^[a-z0-9]{20}$/);
});
