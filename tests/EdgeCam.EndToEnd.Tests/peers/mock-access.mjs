// The device's side of access, and the maker of its links, by node's own cryptography: independent of what the viewer signs and
// verifies with.
import { createHash, createPublicKey, createPrivateKey, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';

const raw = (key) => ({ key, dsaEncoding: 'ieee-p1363' });
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export function createKey() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
}

export function publicPart({ kty, crv, x, y }) {
  return { kty, crv, x, y };
}

/** RFC 7638. */
export function thumbprint({ crv, kty, x, y }) {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function signText(jwk, text) {
  return sign('sha256', Buffer.from(text), raw(createPrivateKey({ key: jwk, format: 'jwk' }))).toString('base64url');
}

function isSigned(jwk, text, signature) {
  return verify('sha256', Buffer.from(text), raw(createPublicKey({ key: publicPart(jwk), format: 'jwk' })), Buffer.from(String(signature), 'base64url'));
}

/** A link's members: token, key and identity. */
export function createLink(issuer, device, { seconds = 3600, name = 'Ann', scope = 'view ptz' } = {}) {
  const holder = createKey();
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: device, aud: device, iat: now, exp: now + seconds, jti: randomUUID(), sub: name.toLowerCase(), name, scope, cnf: { jwk: publicPart(holder) } };
  const content = `${encode({ alg: 'ES256', typ: 'JWT', kid: thumbprint(issuer) })}.${encode(claims)}`;
  return { token: `${content}.${signText(issuer, content)}`, key: holder.d, identity: thumbprint(issuer) };
}

export const fingerprintOf = (sdp) => /^a=fingerprint:([^\r\n]+)/m.exec(sdp)?.[1] ?? '';

/** One device's access: judges offers and renewals, and signs answers, or spoils them as somebody in the middle would. */
export class MockAccess {
  tamper = 'off';
  #nonces = new Set();

  constructor(mode, device) {
    this.mode = mode;
    this.device = device;
    this.identity = createKey();
  }

  welcome() {
    return this.mode === 'open' ? {} : { time: Math.floor(Date.now() / 1000), identity: publicPart(this.identity), access: this.mode };
  }

  /** Null where the message may pass, or what is wrong with it. */
  judge(kind, session, fingerprint, { token, nonce, time, proof }) {
    if (this.mode === 'open') return null;
    const [head, body, signature] = String(token ?? '').split('.');
    if (!isSigned(this.identity, `${head}.${body}`, signature)) return 'the token is not of this device';
    const { exp, cnf } = JSON.parse(Buffer.from(body, 'base64url'));
    const now = Date.now() / 1000;
    if (exp <= now) return 'the token has expired';
    if (Math.abs(time - now) > 60) return 'the time is not near';
    if (Buffer.from(String(nonce), 'base64url').length < 16 || this.#nonces.has(nonce)) return 'the nonce is not fresh';
    this.#nonces.add(nonce);
    return isSigned(cnf.jwk, [`edgecam-${kind}-v1`, this.device, session, fingerprint, nonce, time].join('\n'), proof) ? null : 'the proof does not hold';
  }

  answer(session, offer, sdp) {
    if (this.mode === 'open') return { sdp };
    const key = this.tamper === 'key' ? createKey() : this.identity;
    const signature = signText(key, ['edgecam-answer-v1', this.device, session, fingerprintOf(offer.sdp), fingerprintOf(sdp), offer.nonce ?? ''].join('\n'));
    const other = `a=fingerprint:sha-256 ${Array(32).fill('00').join(':')}`;
    if (this.tamper === 'fingerprint') return { sdp: sdp.replace(/a=fingerprint:[^\r\n]+/g, other), signature, identity: publicPart(key) };
    if (this.tamper === 'second') return { sdp: `${sdp.trimEnd()}\r\n${other}\r\n`, signature, identity: publicPart(key) };
    return this.tamper === 'unsigned' ? { sdp } : { sdp, signature, identity: publicPart(key) };
  }
}
