import { findObstacle, readMode, showable, type Access, type AccessMode } from './access';
import { AccessError } from './access-error';
import { fromBase64Url, randomText, toBase64Url, utf8 } from './bytes';
import { readFingerprint } from './fingerprint';
import { loadP256, readPublicKey, type P256 } from './p256';
import { readClaims } from './token';
import { describeAccess, foreignKey, notTheDevice } from './words';

type Members = Readonly<Record<string, unknown>>;

/** Milliseconds by which the device may see a token expire before this side does: it tells its time in whole seconds. */
const tolerance = 3000;
/** Milliseconds: so much may the device's clock, as the broker brings it, move this side's. A proof made for a later year could be kept until then. */
const maximumCorrection = 86_400_000;
/** Milliseconds by which a proof may be off: the device takes twice as much. */
const maximumError = 60_000;

/**
 * Access in one session: proves to the device that this viewer holds its token's key, and to the viewer that an answer is the device's
 * own. The broker between them is trusted in neither.
 */
export class SessionAccess {
  readonly #device: string;
  readonly #session: string;
  readonly #page: AccessMode | null;
  readonly #load: () => Promise<P256>;
  #access: Access;
  #mode: AccessMode | null = null;
  #verified = false;
  /** Milliseconds by which the device's clock is ahead. By the calendar: the other clock may stand still while a computer sleeps. */
  #ahead = 0;
  #expiresAt = Number.POSITIVE_INFINITY;
  /** Of the latest offer: its answer is signed over both. */
  #fingerprint = '';
  #nonce = '';
  /** When the latest hello's proof says that it was made, in Unix seconds; null where it had none. */
  #greetedAt: number | null = null;

  /** @param page what the page says of how the device lets viewers in; null where it says nothing. */
  constructor(access: Access, device: string, session: string, page: AccessMode | null = null, load: () => Promise<P256> = loadP256) {
    this.#access = access;
    this.#device = device;
    this.#session = session;
    this.#page = page;
    this.#load = load;
    this.#readExpiry();
  }

  get access(): Access {
    return this.#access;
  }

  /** Whether an answer was found to be the device's own. */
  get verified(): boolean {
    return this.#verified;
  }

  /** Whether the token's time is over, by the device's clock. */
  get isOver(): boolean {
    return this.#mode !== 'open' && Date.now() >= this.#expiresAt - tolerance;
  }

  /** Lines for the statistics. */
  describe(): [string, string][] {
    const { token } = this.#access;
    return describeAccess(token === null ? null : readClaims(token), this.#verified, token === null && (this.#mode ?? 'open') === 'open');
  }

  /** What a hello says beside its type: to whom proves nothing the device names its cameras, but no ICE servers. There is no certificate yet. */
  async introduce(): Promise<Members> {
    if (showable(this.#access, this.#page) === null) return {};
    const nonce = randomText(16);
    const proof = await this.#sign('offer', this.#access, '', nonce);
    this.#greetedAt = (proof['time'] as number | undefined) ?? null;
    return { nonce, ...proof };
  }

  /** Whether the device did not take the hello's proof, or need not have taken it: the clock that it was made by is known to be wrong. */
  mustIntroduceAgain(welcome: Members): boolean {
    if (this.#greetedAt === null) return false;
    return !Array.isArray(welcome['iceServers']) || Math.abs(Date.now() + this.#ahead - this.#greetedAt * 1000) > maximumError;
  }

  /** The device's clock, which is to judge this side's proofs. */
  noteTime(welcome: Members): void {
    if (typeof welcome['time'] !== 'number' || !Number.isFinite(welcome['time'])) return;
    this.#ahead = Math.max(-maximumCorrection, Math.min(maximumCorrection, welcome['time'] * 1000 - Date.now()));
    this.#readExpiry();
  }

  /** Rejects with an {@link AccessError} where there is no point in an offer. */
  async handleWelcome(welcome: Members): Promise<void> {
    this.noteTime(welcome);
    this.#mode = readMode(welcome['access']);
    // The broker's word alone does not make a token good for whoever sees it.
    const obstacle = findObstacle(this.#access, this.#mode === 'bearer' && this.#page !== 'bearer' ? 'tokens' : this.#mode, new Date(Date.now() + this.#ahead));
    if (obstacle !== null) throw new AccessError(obstacle);
    if (this.#access.identity !== null && welcome['identity'] !== undefined && !(await this.#isPinned(welcome['identity']))) throw new AccessError(notTheDevice);
  }

  /** What an offer says beside its session description; each has a nonce of its own. */
  async prove(sdp: string): Promise<Members> {
    if (this.#access.token === null && this.#access.identity === null) return {};
    const nonce = randomText(16);
    this.#fingerprint = readFingerprint(sdp) ?? '';
    this.#nonce = nonce;
    return { nonce, ...(await this.#sign('offer', this.#access, this.#fingerprint, nonce)) };
  }

  /** Whether an answer to the latest offer is the device's own, as far as the link tells; what no link pins is taken as it comes. */
  async verify(answer: Members): Promise<boolean> {
    if (this.#access.identity === null) return true;
    const text = ['edgecam-answer-v1', this.#device, this.#session, this.#fingerprint];
    const fingerprint = typeof answer['sdp'] === 'string' ? readFingerprint(answer['sdp']) : null;
    const signature = typeof answer['signature'] === 'string' ? fromBase64Url(answer['signature']) : null;
    const key = readPublicKey(answer['identity']);
    if (fingerprint === null || signature?.length !== 64 || key === null) return false;
    text.push(fingerprint, this.#nonce);
    if (!(await this.#isPinned(key)) || !(await (await this.#load()).verify(key, signature, utf8(text.join('\n'))))) return false;
    this.#verified = true;
    return true;
  }

  /** What session.renew takes. */
  async prepareRenewal(access: Access): Promise<Members> {
    const nonce = randomText(16);
    return { nonce, ...(await this.#sign('renew', access, this.#fingerprint, nonce)) };
  }

  /** The device has accepted another token, with this answer. */
  adopt(access: Access, answer: unknown): void {
    this.#access = access;
    this.#readExpiry();
    this.handleExpiry(answer);
  }

  /** The device says in how many seconds the access ends. */
  handleExpiry(params: unknown): void {
    const seconds = (params as { expiresIn?: unknown } | null)?.expiresIn;
    if (typeof seconds === 'number' && Number.isFinite(seconds)) this.#expiresAt = Date.now() + seconds * 1000;
  }

  /** The token, and where it names its holder the proof that we are that one. */
  async #sign(kind: 'offer' | 'renew', access: Access, fingerprint: string, nonce: string): Promise<Members> {
    const { holderKey } = access;
    const token = showable(access, this.#page);
    if (token === null) return {};
    const holder = readClaims(token)?.holder ?? null;
    if (holder === null || holderKey === null) return { token };
    const time = Math.floor((Date.now() + this.#ahead) / 1000);
    const text = [`edgecam-${kind}-v1`, this.#device, this.#session, fingerprint, nonce, time].join('\n');
    const signature = await (await this.#load()).sign({ ...holder, d: holderKey }, utf8(text));
    if (signature === null) throw new AccessError(foreignKey);
    return { token, time, proof: toBase64Url(signature) };
  }

  /** Whether a key's thumbprint (RFC 7638) is the one that the link names. */
  async #isPinned(jwk: unknown): Promise<boolean> {
    const key = readPublicKey({ kty: 'EC', crv: 'P-256', ...(jwk as object) });
    if (key === null) return false;
    const thumbprint = await (await this.#load()).sha256(utf8(`{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`));
    return toBase64Url(thumbprint) === this.#access.identity;
  }

  #readExpiry(): void {
    const { token } = this.#access;
    const expiresAt = token === null ? null : (readClaims(token)?.expiresAt ?? null);
    this.#expiresAt = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt * 1000 - this.#ahead;
  }
}
