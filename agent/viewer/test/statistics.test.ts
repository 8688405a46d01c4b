import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeStatistics, describeProfile, describeStatistics, formatBitrate, readSample } from '../src/statistics';

const report = (at: number, changes: object = {}): [string, unknown][] => [
  ['in', { type: 'inbound-rtp', kind: 'video', timestamp: at, bytesReceived: 1_000_000, headerBytesReceived: 0, packetsReceived: 1000, packetsLost: 0, framesDecoded: 300,
    framesReceived: 300, framesDropped: 0, jitterBufferDelay: 3, jitterBufferEmittedCount: 300, frameWidth: 1280, frameHeight: 720, codecId: 'c', ...changes }],
  ['audio', { type: 'inbound-rtp', kind: 'audio', timestamp: at, bytesReceived: 7 }],
  ['c', { type: 'codec', mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' }],
  ['t', { type: 'transport', selectedCandidatePairId: 'p', srtpCipher: 'AEAD_AES_128_GCM', tlsVersion: 'FEFD', dtlsRole: 'server' }],
  ['p', { type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r', currentRoundTripTime: 0.0123 }],
  ['l', { type: 'local-candidate', candidateType: 'host', protocol: 'udp' }],
  ['r', { type: 'remote-candidate', candidateType: 'prflx', protocol: 'udp' }],
];

test('rates are over the time between two samples', () => {
  const first = readSample(report(1000));
  const second = readSample(report(3000, { bytesReceived: 1_500_000, framesDecoded: 360, packetsReceived: 1098, packetsLost: 2, jitterBufferDelay: 3.6, jitterBufferEmittedCount: 360 }));
  const statistics = computeStatistics(first, second!, { median: 83.4, p95: 97 });
  assert.equal(statistics.bitrate, 2_000_000);
  assert.equal(statistics.framesPerSecond, 30);
  assert.equal(statistics.loss, 0.02);
  assert.ok(Math.abs((statistics.buffer ?? 0) - 10) < 1e-6);
  assert.deepEqual(describeStatistics(statistics).map(([, value]) => value),
    ['2.00 Mbit/s', '30 /s', '1280 × 720', '83 ms', '12 ms', '10 ms', '2.0 %', 'direct, UDP', 'H264 constrained baseline 3.1', 'DTLS 1.2, AES-GCM 128']);
});

test('counters that went back start anew instead of showing nonsense', () => {
  const statistics = computeStatistics(readSample(report(1000)), readSample(report(2000, { bytesReceived: 10, framesDecoded: 1, packetsLost: -3 }))!);
  assert.equal(statistics.bitrate, 0);
  assert.equal(statistics.framesPerSecond, 0);
  assert.equal(statistics.loss, 0);
});

test('late packets that make loss shrink are not shown as negative', () => {
  const statistics = computeStatistics(readSample(report(1000, { packetsLost: 5 })), readSample(report(2000, { packetsLost: 2, packetsReceived: 1100 }))!);
  assert.equal(statistics.loss, 0);
});

test('a browser without transport statistics still says path and round trip', () => {
  const entries = report(1000).filter(([id]) => id !== 't');
  entries.push(['other', { type: 'candidate-pair', localCandidateId: 'x' }]);
  const pair = entries.find(([id]) => id === 'p')![1] as Record<string, unknown>;
  Object.assign(pair, { selected: true, nominated: true, state: 'succeeded' });
  (entries.find(([id]) => id === 'l')![1] as Record<string, unknown>)['candidateType'] = 'relay';
  (entries.find(([id]) => id === 'l')![1] as Record<string, unknown>)['relayProtocol'] = 'tls';
  const sample = readSample(entries);
  assert.equal(sample?.path, 'relay, TLS');
  assert.equal(sample?.roundTrip, 0.0123);
  assert.equal(sample?.srtp, null);
});

test('a report without video says nothing', () => assert.equal(readSample(report(1).slice(1)), null));

test('profile and bitrate are said as people say them', () => {
  assert.equal(describeProfile('42001f'), 'baseline 3.1');
  assert.equal(describeProfile('4d0028'), 'main 4.0');
  assert.equal(formatBitrate(640_400), '640 kbit/s');
  assert.equal(formatBitrate(12_340_000), '12.3 Mbit/s');
});
