import type { Latency } from './latency';

/** What one reading of RTCPeerConnection.getStats says about the picture and its way here; null where the browser does not say. */
export interface Sample {
  readonly at: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly framesDecoded: number;
  readonly framesReceived: number;
  readonly framesDropped: number;
  readonly bufferDelay: number;
  readonly bufferFrames: number;
  readonly nacks: number;
  readonly plis: number;
  readonly width: number;
  readonly height: number;
  readonly codec: string | null;
  readonly roundTrip: number | null;
  readonly path: string | null;
  readonly srtp: string | null;
  readonly dtls: string | null;
  readonly dtlsRole: string | null;
}

/** What is shown: rates over the time between two samples. */
export interface Statistics {
  readonly bitrate: number;
  readonly framesPerSecond: number;
  /** Milliseconds from capture to display: median and 95th percentile of the last second; null where it cannot be measured. */
  readonly latency: number | null;
  readonly latencyP95: number | null;
  /** 0 to 1. */
  readonly loss: number;
  /** Milliseconds. */
  readonly roundTrip: number | null;
  /** Milliseconds that a frame waits in the jitter buffer. */
  readonly buffer: number | null;
  readonly width: number;
  readonly height: number;
  readonly codec: string | null;
  readonly path: string | null;
  readonly srtp: string | null;
  readonly dtls: string | null;
  readonly dtlsRole: string | null;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly nacks: number;
  readonly plis: number;
}

type Entry = Record<string, unknown>;

/** Picks the few numbers out of a stats report. Members that a browser lacks are taken as absent, never as an error. */
export function readSample(report: Iterable<readonly [string, unknown]>): Sample | null {
  const entries = new Map<string, Entry>();
  for (const [id, entry] of report) entries.set(id, entry as Entry);
  const all = [...entries.values()];
  const inbound = all.find((e) => e['type'] === 'inbound-rtp' && (e['kind'] ?? e['mediaType']) === 'video');
  if (inbound === undefined) return null;

  const transport = all.find((e) => e['type'] === 'transport');
  // Firefox has no transport entry; it marks the pair itself.
  const pair = entries.get(text(transport?.['selectedCandidatePairId']) ?? '')
    ?? all.find((e) => e['type'] === 'candidate-pair' && (e['selected'] === true || (e['nominated'] === true && e['state'] === 'succeeded')));
  const codec = entries.get(text(inbound['codecId']) ?? '');
  return {
    at: number(inbound['timestamp']),
    bytes: number(inbound['bytesReceived']) + number(inbound['headerBytesReceived']),
    packets: number(inbound['packetsReceived']),
    lost: number(inbound['packetsLost']),
    framesDecoded: number(inbound['framesDecoded']),
    framesReceived: number(inbound['framesReceived']),
    framesDropped: number(inbound['framesDropped']),
    bufferDelay: number(inbound['jitterBufferDelay']),
    bufferFrames: number(inbound['jitterBufferEmittedCount']),
    nacks: number(inbound['nackCount']),
    plis: number(inbound['pliCount']),
    width: number(inbound['frameWidth']),
    height: number(inbound['frameHeight']),
    codec: codec === undefined ? null : describeCodec(codec),
    roundTrip: typeof pair?.['currentRoundTripTime'] === 'number' ? pair['currentRoundTripTime'] : null,
    path: pair === undefined ? null : describePath(entries.get(text(pair['localCandidateId']) ?? ''), entries.get(text(pair['remoteCandidateId']) ?? '')),
    srtp: text(transport?.['srtpCipher']),
    dtls: describeTls(text(transport?.['tlsVersion'])),
    dtlsRole: text(transport?.['dtlsRole']),
  };
}

/** Rates between two samples; a counter that went back (a new session) starts anew. */
export function computeStatistics(previous: Sample | null, current: Sample, latency: Latency | null = null): Statistics {
  const before = previous !== null && previous.at < current.at && previous.bytes <= current.bytes && previous.framesDecoded <= current.framesDecoded ? previous : null;
  const seconds = before === null ? 0 : (current.at - before.at) / 1000;
  const rate = (now: number, then: number): number => (seconds > 0 ? Math.max(0, now - then) / seconds : 0);
  const packets = before === null ? 0 : current.packets - before.packets;
  const lost = before === null ? 0 : Math.max(0, current.lost - before.lost);
  const buffered = before === null ? current.bufferFrames : current.bufferFrames - before.bufferFrames;
  return {
    bitrate: before === null ? 0 : rate(current.bytes, before.bytes) * 8,
    framesPerSecond: before === null ? 0 : rate(current.framesDecoded, before.framesDecoded),
    latency: latency?.median ?? null,
    latencyP95: latency?.p95 ?? null,
    loss: packets + lost > 0 ? lost / (packets + lost) : 0,
    roundTrip: current.roundTrip === null ? null : current.roundTrip * 1000,
    buffer: buffered > 0 ? ((current.bufferDelay - (before?.bufferDelay ?? 0)) / buffered) * 1000 : null,
    width: current.width,
    height: current.height,
    codec: current.codec,
    path: current.path,
    srtp: current.srtp,
    dtls: current.dtls,
    dtlsRole: current.dtlsRole,
    framesDecoded: current.framesDecoded,
    framesDropped: current.framesDropped,
    nacks: current.nacks,
    plis: current.plis,
  };
}

/** Label and value of each line of the overlay. */
export function describeStatistics(s: Statistics): [string, string][] {
  const unknown = '–';
  return [
    ['Bitrate', formatBitrate(s.bitrate)],
    ['Frames', `${s.framesPerSecond.toFixed(s.framesPerSecond < 9.95 ? 1 : 0)} /s`],
    ['Resolution', s.width > 0 ? `${s.width} × ${s.height}` : unknown],
    ['Latency', s.latency === null ? unknown : `${s.latency.toFixed(0)} ms`],
    ['Round trip', s.roundTrip === null ? unknown : `${s.roundTrip.toFixed(s.roundTrip < 10 ? 1 : 0)} ms`],
    ['Buffer', s.buffer === null ? unknown : `${s.buffer.toFixed(0)} ms`],
    ['Loss', `${(s.loss * 100).toFixed(s.loss > 0 && s.loss < 0.1 ? 1 : 0)} %`],
    ['Path', s.path ?? unknown],
    ['Codec', s.codec ?? unknown],
    ['Encryption', [s.dtls, s.srtp === null ? null : formatSrtp(s.srtp)].filter((part) => part !== null).join(', ') || unknown],
  ];
}

export function formatBitrate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) return `${(bitsPerSecond / 1e6).toFixed(bitsPerSecond < 1e7 ? 2 : 1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

function formatSrtp(cipher: string): string {
  return cipher.replace(/^SRTP_/, '').replace('AEAD_', '').replace('AES128_CM_HMAC_', 'AES-CM ').replace('AES_CM_128_HMAC_', 'AES-CM ')
    .replace(/AES_(\d+)_GCM/, 'AES-GCM $1').replaceAll('_', '-');
}

function describeCodec(codec: Entry): string {
  const name = (text(codec['mimeType']) ?? '').replace(/^video\//i, '');
  const profile = /profile-level-id=([0-9a-f]{6})/i.exec(text(codec['sdpFmtpLine']) ?? '')?.[1];
  return profile === undefined ? name : `${name} ${describeProfile(profile)}`;
}

/** profile_idc, profile-iop and level_idc (RFC 6184 section 8.1) as one says them. */
export function describeProfile(id: string): string {
  const idc = Number.parseInt(id.slice(0, 2), 16);
  const iop = Number.parseInt(id.slice(2, 4), 16);
  const level = Number.parseInt(id.slice(4, 6), 16) / 10;
  const names: Readonly<Record<number, string>> = { 0x42: (iop & 0x40) !== 0 ? 'constrained baseline' : 'baseline', 0x4d: 'main', 0x58: 'extended', 0x64: 'high' };
  return `${names[idc] ?? id} ${level.toFixed(1)}`;
}

function describePath(local: Entry | undefined, remote: Entry | undefined): string | null {
  if (local === undefined || remote === undefined) return null;
  const relay = local['candidateType'] === 'relay' || remote['candidateType'] === 'relay';
  const protocol = (text(local['relayProtocol']) ?? text(local['protocol']) ?? 'udp').toUpperCase();
  return `${relay ? 'relay' : 'direct'}, ${protocol}`;
}

function describeTls(version: string | null): string | null {
  const names: Readonly<Record<string, string>> = { FEFD: 'DTLS 1.2', FEFC: 'DTLS 1.3' };
  return version === null ? null : (names[version.toUpperCase()] ?? `DTLS ${version}`);
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
