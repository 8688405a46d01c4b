// node serve-names.mjs ADDRESS NAME=ADDRESS...: a name server for a network of a few hosts (RFC 1035). Browsers look names up for ICE
// without reading /etc/hosts. Knows A; for other types a known name has nothing, and other names do not exist.
import { createSocket } from 'node:dgram';

const [address, ...entries] = process.argv.slice(2);
const hosts = new Map(entries.map((entry) => entry.split('=')));
const socket = createSocket('udp4');

socket.on('message', (query, from) => {
  if (query.length < 17 || query.readUInt16BE(4) !== 1) return;
  const labels = [];
  let at = 12;
  for (; at < query.length && query[at] !== 0; at += query[at] + 1) labels.push(query.toString('ascii', at + 1, at + 1 + query[at]));
  const end = at + 5;
  if (end > query.length) return;
  const host = hosts.get(labels.join('.').toLowerCase());
  const answers = host !== undefined && query.readUInt16BE(at + 1) === 1;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8400 | (query[2] & 1) << 8 | (host === undefined ? 3 : 0), 2); // an authoritative response
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers ? 1 : 0, 6);
  const parts = [header, query.subarray(12, end)];
  if (answers) parts.push(Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...host.split('.').map(Number)]));
  socket.send(Buffer.concat(parts), from.port, from.address);
});
socket.bind(53, address, () => console.log('ready'));
