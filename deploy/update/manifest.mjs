// Makes and signs what a device asks of an update. Needs Node.js 20, and nothing else.
//   node deploy/update/manifest.mjs keygen NAME
//       a key pair on P-256: NAME.key.pem, which stays with you, and NAME.pem, for /etc/edgecam/update-keys of every device
//   node deploy/update/manifest.mjs sign --key NAME.key.pem --archive artifacts/edgecam-1.2.3-arm64.tar.gz --rollback-index 0
//        [--minimum-version 1.0.0] [--notes TEXT] [--version 1.2.3 --device-class linux-arm64] [--out FILE]
//       the manifest, one line (FILE, or the standard output); version and class are read from the archive's name where it says them
//   node deploy/update/manifest.mjs verify --manifest FILE --keys FOLDER [--archive FILE]
//       what a device would say of it, but its own version and class
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { createReadStream, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const maxSize = 256 * 1024 * 1024; // bytes, as on the device
const maxManifest = 8 * 1024; // characters
const semver = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;
const classes = { arm64: 'linux-arm64', amd64: 'linux-x64' };

const fail = (what) => {
  console.error(`manifest.mjs: ${what}`);
  process.exit(1);
};

function options(names) {
  const found = {};
  for (let i = 3; i < process.argv.length; i += 2) {
    const name = process.argv[i].replace(/^--/, '');
    if (!process.argv[i].startsWith('--') || !names.includes(name)) fail(`${process.argv[i]} is not understood here; there is: ${names.map((known) => `--${known}`).join(' ')}`);
    if (i + 1 >= process.argv.length) fail(`--${name} needs a value`);
    found[name] = process.argv[i + 1];
  }
  return found;
}

function p256(key, what) {
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails.namedCurve !== 'prime256v1') fail(`${what} is no key on the curve P-256`);
  return key;
}

// RFC 7638: the required members in the order of their names.
function thumbprint(key) {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const block of createReadStream(file)) hash.update(block);
  return hash.digest('hex');
}

function keygen(name) {
  if (!name || name.startsWith('-')) fail('keygen needs a name, such as 2027-a');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(`${name}.key.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  writeFileSync(`${name}.pem`, publicKey.export({ type: 'spki', format: 'pem' }), { mode: 0o644, flag: 'wx' });
  console.log(`${name}.key.pem  keep it off every device, and off the server\n${name}.pem      /etc/edgecam/update-keys/ of every device\nkid: ${thumbprint(publicKey)}`);
}

async function make() {
  const given = options(['key', 'archive', 'rollback-index', 'minimum-version', 'notes', 'version', 'device-class', 'out']);
  if (!given.key || !given.archive || given['rollback-index'] === undefined) fail('sign needs --key, --archive and --rollback-index');
  const named = /^edgecam-(.+)-(arm64|amd64)\.tar\.gz$/.exec(basename(given.archive));
  const version = given.version ?? named?.[1];
  const deviceClass = given['device-class'] ?? classes[named?.[2]];
  const rollbackIndex = Number(given['rollback-index']);
  const size = statSync(given.archive).size;
  if (!semver.test(version ?? '')) fail(`${version ?? 'no --version'}: a version is one such as 1.2.3 or 1.2.3-rc.1`);
  if (!deviceClass) fail('the archive’s name tells no device class: --device-class linux-arm64');
  if (!/^\d{1,9}$/.test(given['rollback-index'])) fail('--rollback-index is a whole number from 0 on');
  if (given['minimum-version'] && !semver.test(given['minimum-version'])) fail(`--minimum-version ${given['minimum-version']}: a version is one such as 1.2.3`);
  if (size < 1 || size > maxSize) fail(`${given.archive} has ${size} bytes; a device takes 1 to ${maxSize}`);

  const key = p256(createPrivateKey(readFileSync(given.key)), given.key);
  const header = { alg: 'ES256', typ: 'edgecam-update', kid: thumbprint(createPublicKey(key)) };
  const payload = {
    v: 1, product: 'edgecam', version, deviceClass, size, sha256: await sha256(given.archive),
    minimumVersion: given['minimum-version'], rollbackIndex, created: Math.floor(Date.now() / 1000), notes: given.notes,
  };
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const manifest = `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  if (manifest.length > maxManifest) fail(`the manifest has ${manifest.length} characters, and may have ${maxManifest}: shorten --notes`);
  if (given.out) writeFileSync(given.out, `${manifest}\n`);
  else console.log(manifest);
}

async function check() {
  const given = options(['manifest', 'keys', 'archive']);
  if (!given.manifest || !given.keys) fail('verify needs --manifest and --keys');
  const parts = readFileSync(given.manifest, 'utf8').trim().split('.');
  if (parts.length !== 3) fail('it is no JWS in compact form');
  const [header, payload] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  if (header.alg !== 'ES256' || header.typ !== 'edgecam-update') fail('its header must say alg ES256 and typ edgecam-update');
  const keys = readdirSync(given.keys).filter((file) => file.endsWith('.pem')).map((file) => p256(createPublicKey(readFileSync(join(given.keys, file))), file));
  const key = keys.find((known) => thumbprint(known) === header.kid);
  if (!key) fail(`it is signed by ${header.kid}; there is: ${keys.map(thumbprint).join(', ')}`);
  const signature = { key, dsaEncoding: 'ieee-p1363' };
  if (!verify('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), signature, Buffer.from(parts[2], 'base64url'))) fail('its signature does not fit');
  if (given.archive) {
    if (statSync(given.archive).size !== payload.size) fail(`the archive has ${statSync(given.archive).size} bytes, and the manifest says ${payload.size}`);
    if ((await sha256(given.archive)) !== payload.sha256) fail('the archive’s SHA-256 is another');
  }
  console.log(JSON.stringify({ kid: header.kid, ...payload }, null, 2));
}

switch (process.argv[2]) {
  case 'keygen': keygen(process.argv[3]); break;
  case 'sign': await make(); break;
  case 'verify': await check(); break;
  default: fail('keygen, sign or verify: see the head of this file');
}
