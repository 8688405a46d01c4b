import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches } from '../src/topics';
import { RpcClient, RpcError } from '../src/rpc';
import { parseStatus } from '../src/status';
import { brokerLostWords, brokerRefusalWords, isPassing, ownRefusal, pathWords, refusalWords } from '../src/words';

test('a call resolves with its own answer, in whatever order answers come', async () => {
  const sent: { id: number; method: string }[] = [];
  const rpc = new RpcClient((text) => sent.push(JSON.parse(text)) > 0);
  const [first, second] = [rpc.call('device.info'), rpc.call('camera.list', { all: true })];
  rpc.handleMessage(JSON.stringify({ jsonrpc: '2.0', id: sent[1]!.id, result: 2 }));
  rpc.handleMessage(JSON.stringify({ jsonrpc: '2.0', id: sent[0]!.id, result: { name: 'x' } }));
  assert.deepEqual(await Promise.all([first, second]), [{ name: 'x' }, 2]);
  assert.equal(sent[0]!.method, 'device.info');
});

test('an error, a closed channel and silence reject', async () => {
  const rpc = new RpcClient((text) => (JSON.parse(text) as { method: string }).method !== 'closed');
  const refused = rpc.call('ptz.move');
  rpc.handleMessage('{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"the scope ptz is missing"}}');
  await assert.rejects(refused, (error: RpcError) => error.code === -32001 && /scope ptz/.test(error.message));
  await assert.rejects(rpc.call('closed'), /not open/);
  await assert.rejects(rpc.call('silence', undefined, 10), /in time/);
  const last = rpc.call('open');
  rpc.close();
  await assert.rejects(last, /closed/);
});

test('what is no answer is dropped, a notification is passed on', () => {
  const notes: unknown[] = [];
  const rpc = new RpcClient(() => true, (method, params) => notes.push([method, params]));
  for (const text of ['', 'null', '3', '[]', '{"id":99,"result":1}', '{"id":"1","result":1}', '{"id":1,"method":"x"}']) rpc.handleMessage(text);
  rpc.handleMessage('{"jsonrpc":"2.0","method":"gpio.edge","params":{"line":4}}');
  assert.deepEqual(notes, [['gpio.edge', { line: 4 }]]);
});

test('calls under way are bounded', async () => {
  const rpc = new RpcClient(() => true);
  const calls = Array.from({ length: 64 }, () => rpc.call('x').catch(() => 0));
  await assert.rejects(rpc.call('x'), /Too many/);
  rpc.close();
  await Promise.all(calls);
});

test('a status is read as far as it makes sense', () => {
  assert.deepEqual(parseStatus('d', '{"online":true,"name":"Door","bootId":"b","cameras":[{"name":"cam0","state":"lost","detail":"it ended"},{"name":"a/b"},3],"more":1}'),
    { device: 'd', name: 'Door', online: true, bootId: 'b', cameras: [{ name: 'cam0', state: 'lost', detail: 'it ended', substream: false }] });
  assert.deepEqual(parseStatus('d', '{"online":false}'), { device: 'd', name: 'd', online: false, bootId: null, cameras: [] });
  for (const bad of ['', 'x', 'null', '[]', '{"online":"yes"}']) assert.equal(parseStatus('d', bad), null, bad);
});

test('topic filters match level by level', () => {
  assert.ok(matches('edgecam/v1/+/status', 'edgecam/v1/a/status'));
  assert.ok(!matches('edgecam/v1/+/status', 'edgecam/v1/a/b/status'));
  assert.ok(!matches('edgecam/v1/a/status', 'edgecam/v1/b/status'));
});

test('each refusal is said in words, and only passing ones are tried again', () => {
  for (const code of [400, 401, 403, 404, 408, 409, 413, 429, 480, 503]) assert.match(refusalWords(code, ''), /^because (?!of error)/);
  assert.equal(refusalWords(404, 'No camera cam7.'), 'because there is no such camera on the device: No camera cam7');
  assert.deepEqual([400, 401, 403, 404, 408, 409, 413, 429, 480, 503].filter(isPassing), [408, 409, 429, 480, 503]);
});

test('a link that will not do is to be replaced, and by whom is said', () => {
  assert.equal(refusalWords(401, ''), 'because a valid access link is needed; ask whoever runs the device for a new link');
  assert.equal(refusalWords(403, 'It has expired.'), 'because this link does not allow it: It has expired; ask whoever runs the device for a new link');
  assert.equal(refusalWords(401, 'the token was revoked; ask whoever runs the device for a new link'), 'because a valid access link is needed: the token was revoked; ask whoever runs the device for a new link');
});

test('the viewer\'s own refusal is whole as it is, and final', () => {
  assert.equal(refusalWords(ownRefusal, 'The link has expired'), 'The link has expired');
  assert.ok(!isPassing(ownRefusal));
});

test('a broker that is out of reach is named, and one that lets nobody in is said to', () => {
  assert.equal(brokerLostWords('wss://broker.example:9443/mqtt'), 'The broker at broker.example:9443 is out of reach; check this network, or the server');
  for (const code of [5, 135])
    assert.equal(brokerRefusalWords('wss://b.example/', code, 'Connection refused: Not authorized', false), 'The broker at b.example refused the connection: Not authorized; ask whoever runs it to let viewers in');
  assert.match(brokerRefusalWords('wss://b.example/', 134, 'Connection refused: Bad User Name or Password', true), /; ask whoever runs the device for a new link$/);
  assert.equal(brokerRefusalWords('wss://b.example/', 137, 'Connection refused: Server busy', true), 'The broker at b.example refused the connection: Server busy');
});

test('where there is no path, what is in the way and what to do is said', () => {
  assert.match(pathWords(false, false), /no path to the device .*names no TURN server/);
  assert.match(pathWords(true, false), /no path to the device .*TURN server could be reached from here.*443/);
  assert.match(pathWords(true, true), /no path to the device .*device may not reach/);
});
