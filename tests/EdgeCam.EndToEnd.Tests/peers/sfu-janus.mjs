// node sfu-janus.mjs --folder F --whip-port N --ws-port N [--host H] [--token T]
// Janus with its VideoRoom and Meetecho's WHIP server in front of it; ends with its standard input. One room, one endpoint: /whip/endpoint/porch.
// The WHIP server is Debian's, unpacked into node_modules/simple-whip-server by run.sh; it is run as it is.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArguments, progress, until } from './support.mjs';

const options = parseArguments({ folder: '', whipPort: 0, wsPort: 0, host: '127.0.0.1', token: '' });
const room = 1234;
const { folder } = options;
const modules = fileURLToPath(new URL('./node_modules/', import.meta.url));
const libraries = '/usr/lib/x86_64-linux-gnu/janus'.replace('x86_64', process.arch === 'arm64' ? 'aarch64' : 'x86_64');
const WebSocket = createRequire(import.meta.url)('ws');

writeFileSync(join(folder, 'janus.jcfg'), `general: {
  configs_folder = "${folder}"
  plugins_folder = "${libraries}/plugins"
  transports_folder = "${libraries}/transports"
  debug_level = 4
}
plugins: { disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so" }
transports: { disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so" }
`);
writeFileSync(join(folder, 'janus.transport.websockets.jcfg'), `general: { ws = true, ws_port = ${options.wsPort}, ws_ip = "127.0.0.1", wss = false }\nadmin: { admin_ws = false, admin_wss = false }\n`);
writeFileSync(join(folder, 'janus.plugin.videoroom.jcfg'), `room-${room}: { description = "porch", publishers = 2, videocodec = "h264", fir_freq = 0, require_pvtid = false }\n`);
mkdirSync(join(folder, 'whip'), { recursive: true });
for (const file of ['server.js', 'whip-janus.js']) cpSync(join(modules, 'simple-whip-server', file), join(folder, 'whip', file));
writeFileSync(join(folder, 'whip', 'config.js'), `module.exports = { janus: { address: 'ws://127.0.0.1:${options.wsPort}' }, port: { port: ${options.whipPort}, host: '${options.host}' }, rest: '/whip', allowTrickle: true, strictETags: false };\n`);
writeFileSync(join(folder, 'whip', 'package.json'), '{ "type": "commonjs" }');
if (!existsSync(join(folder, 'node_modules'))) symlinkSync(modules, join(folder, 'node_modules'));

const children = [];
function start(name, program, args) {
  const child = spawn(program, args, { cwd: join(folder, 'whip'), env: { ...process.env, DEBUG: 'whip:info,whip:warn,whip:error' }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => progress(name, String(text).trim().slice(0, 400)));
  child.on('exit', (code) => progress(name, 'ended', code));
  children.push(child);
}

const answers = (port) => new Promise((resolve) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'janus-protocol');
  socket.on('open', () => { socket.close(); resolve(true); });
  socket.on('error', () => resolve(false));
});

function end() {
  for (const child of children) child.kill('SIGTERM');
}

process.on('exit', end);
process.on('SIGTERM', () => process.exit(0));
process.stdin.resume().on('end', () => process.exit(0));
start('janus', 'janus', ['-F', folder, '-C', join(folder, 'janus.jcfg'), '-o']);
if (!await until(() => answers(options.wsPort), 15000)) throw new Error('Janus does not answer');
start('whip', process.execPath, ['server.js']);
const url = `http://${options.host}:${options.whipPort}/whip`;
if (!await until(() => fetch(`${url}/healthcheck`).then((response) => response.ok, () => false), 15000)) throw new Error('the WHIP server does not answer');
const body = JSON.stringify({ id: 'porch', room, label: 'porch', ...(options.token === '' ? {} : { token: options.token }) });
const created = await fetch(`${url}/create`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
if (!created.ok) throw new Error(`no endpoint: ${created.status}`);
progress('ready', children[0].pid);
