import type { Bytes } from './bytes';
import type { P256, PrivateKey, PublicKey } from './p256';

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const scheme = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** By the browser's own means. */
export class SubtleP256 implements P256 {
  readonly #subtle: SubtleCrypto;

  constructor(subtle: SubtleCrypto) {
    this.#subtle = subtle;
  }

  async sha256(data: Bytes): Promise<Uint8Array> {
    return new Uint8Array(await this.#subtle.digest('SHA-256', data));
  }

  async sign({ x, y, d }: PrivateKey, data: Bytes): Promise<Uint8Array | null> {
    let key: CryptoKey;
    try {
      key = await this.#subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y, d }, curve, false, ['sign']);
    } catch {
      return null;
    }

    return new Uint8Array(await this.#subtle.sign(scheme, key, data));
  }

  async verify({ x, y }: PublicKey, signature: Bytes, data: Bytes): Promise<boolean> {
    try {
      const key = await this.#subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, curve, false, ['verify']);
      return await this.#subtle.verify(scheme, key, signature, data);
    } catch {
      return false;
    }
  }
}
