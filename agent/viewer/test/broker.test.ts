import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, test } from 'node:test';

// The MQTT client asks for Node's own modules in the old way, and does so while it is loaded.
(globalThis as { require?: unknown }).require = createRequire(import.meta.url);
const { Broker } = await import('../src/broker');
const { Directory } = await import('../src/directory');

/** A broker that admits everybody and lets nobody subscribe, in as few octets as MQTT 5 allows. */
const server = createServer((socket) => {
  sockets.push(socket);
  socket.on('error', () => {});
  socket.on('data', (data) => {
    for (let at = 0; at + 1 < data.length; at += 2 + data[at + 1]!) {
      const kind = data[at]! >> 4;
      if (kind === 1) greetings.push(data.toString('latin1', at));
      if (kind === 1) socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
      else if (kind === 8) socket.write(Buffer.from([0x90, 4, data[at + 2]!, data[at + 3]!, 0, 135])); // "not authorized"
      else if (kind === 10) socket.write(Buffer.from([0xb0, 4, data[at + 2]!, data[at + 3]!, 0, 0]));
    }
  });
});
const sockets: Socket[] = [];
const greetings: string[] = [];

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => {
  server.close();
  for (const socket of sockets) socket.destroy();
});

test('a broker that refuses to list devices is quoted, whether it was there already or not', async () => {
  const broker = Broker.acquire(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    assert.equal(broker.up, false);
    for (const name of ['before the connection', 'on the connection']) {
      const directory = new Directory(broker, 'p', null);
      await once(directory, 'change', { signal: AbortSignal.timeout(5000) });
      assert.match(directory.words, /open a link that names one/, name);
      directory.close();
      assert.equal(broker.up, true);
    }
  } finally {
    broker.release();
  }
});

test('a session\'s topic that is refused is an error', async () => {
  const broker = Broker.acquire(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    await once(broker, 'change', { signal: AbortSignal.timeout(5000) });
    await assert.rejects(broker.subscribe('p/d/session/c/s/to-viewer', () => {}, false), /does not allow/);
  } finally {
    broker.release();
  }
});

test('a token is the password at the page\'s own broker, and is shown to no other', async () => {
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = globalThis as { location?: unknown };
  try {
    for (const [host, shown] of [[new URL(url).host, true], [`127.0.0.1:${(server.address() as AddressInfo).port + 1}`, false], ['', false]] as const) {
      page.location = host === '' ? undefined : { host };
      greetings.length = 0;
      const broker = Broker.acquire(url, 'a.secret.token');
      await once(broker, 'change', { signal: AbortSignal.timeout(5000) });
      broker.release();
      assert.equal(greetings.length, 1);
      assert.equal(/token.*a\.secret\.token$/s.test(greetings[0]!), shown, host);
      assert.equal(greetings[0]!.includes('secret'), shown, host);
    }
  } finally {
    delete page.location;
  }
});
