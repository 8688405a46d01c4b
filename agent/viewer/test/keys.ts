// The device's side and a link's maker, by Node's own cryptography: independent of what the viewer signs and verifies with.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';

export interface Key {
  readonly d: string;
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
  readonly thumbprint: string;
  readonly secret: KeyObject;
}

export function createKey(): Key {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { d, x, y } = privateKey.export({ format: 'jwk' }) as Record<string, string>;
  const jwk = { kty: 'EC', crv: 'P-256', x: x!, y: y! };
  return { d: d!, jwk, secret: privateKey, thumbprint: createHash('sha256').update(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`).digest('base64url') };
}

export function signText(key: Key, text: string): string {
  return sign('sha256', Buffer.from(text), { key: createPrivateKey(key.secret.export({ format: 'pem', type: 'pkcs8' })), dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

export function isSigned(key: Key, text: string, signature: unknown): boolean {
  return verify('sha256', Buffer.from(text), { key: createPublicKey(key.secret), dsaEncoding: 'ieee-p1363' }, Buffer.from(String(signature), 'base64url'));
}

/** A token that the viewer reads; nobody verifies it here. */
export function createToken(claims: Record<string, unknown>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}.${'A'.repeat(86)}`;
}

export function createSdp(...fingerprints: string[]): string {
  return ['v=0', ...fingerprints.map((value) => `a=fingerprint:${value}`), 'm=video 9 UDP/TLS/RTP/SAVPF 96', ''].join('\r\n');
}
