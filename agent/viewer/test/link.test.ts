import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLink, isPrefix, mayList, needsRestart, parseIceServers, parseLink, parseSettings, randomName, resolveBroker } from '../src/link';

test('a link names device, camera and token, and survives a round trip', () => {
  const link = { device: 'front-door', camera: 'cam0', token: 'a.b+c/d=' };
  assert.deepEqual(parseLink(formatLink(link)), link);
  assert.deepEqual(parseLink(''), { device: null, camera: null, token: null });
  assert.equal(formatLink({ device: null, camera: null, token: null }), '');
});

test('a fresh link to the same camera is one to start again with', () => {
  const link = parseLink('#device=front&camera=cam0&token=old');
  assert.ok(needsRestart(link, parseLink('#device=front&camera=cam0&token=new')));
  assert.ok(needsRestart(link, parseLink('#device=front&camera=cam0')));
  assert.ok(!needsRestart(link, parseLink('#device=front&camera=cam1&token=old')));
});

test('a name that would change a topic is no name', () => {
  for (const device of ['+', '#', 'a/b', 'A', '-a', 'a'.repeat(64), '<img>']) assert.equal(parseLink(`#device=${encodeURIComponent(device)}`).device, null, device);
  assert.equal(parseLink('#device=a&camera=../etc').camera, null);
});

test('settings that make no sense take their defaults', () => {
  const defaults = { broker: '/mqtt', prefix: 'edgecam/v1', device: null, iceServers: [] };
  for (const value of [null, 1, [], {}, { broker: 3, prefix: 'a/b/c/d', device: 'A B' }, { prefix: 'a/#' }]) assert.deepEqual(parseSettings(value), defaults);
  assert.equal(parseSettings({ broker: null }).broker, null);
  assert.deepEqual(parseSettings({ broker: 'wss://b/x', prefix: 'p', device: 'd' }), { broker: 'wss://b/x', prefix: 'p', device: 'd', iceServers: [] });
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

test('only the broker of the page itself is asked for a list', () => {
  assert.ok(mayList('ws://127.0.0.1:8080/mqtt', { host: '127.0.0.1:8080' }));
  assert.ok(!mayList('wss://broker.example/mqtt', { host: '127.0.0.1:8080' }));
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
