import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptureClock } from '../src/clock';
import { LatencyMeter } from '../src/latency';

test('a picture\'s capture is told by the device\'s clock, read in the middle of a round trip', () => {
  const clock = new CaptureClock();
  assert.equal(clock.captureTime(0, 0), null);
  clock.handleAnswer(1000, 1010, { time: 7, rtpTimestamp: 90_000 });
  assert.equal(clock.captureTime(90_000 + 90 * 40, 1100), 1045);
  assert.equal(clock.captureTime(90_000 - 90 * 5, 1100), 1000);
  assert.equal(clock.uncertainty(1005), 5);
});

test('the reading with the shortest round trip counts, until it is stale', () => {
  const clock = new CaptureClock();
  clock.handleAnswer(0, 4, { rtpTimestamp: 90 * 2 });
  clock.handleAnswer(100, 140, { rtpTimestamp: 90 * (120 + 15) }); // the answer took longer than the question: 15 ms of error
  assert.equal(clock.captureTime(90 * 500, 500), 500);
  clock.handleAnswer(60_000, 60_008, { rtpTimestamp: 90 * 60_004 + 90 * 2 }); // and by now the clocks are 2 ms apart
  assert.equal(clock.captureTime(90 * 60_500, 60_500), 60_498);
});

test('readings from before this computer slept are dropped, however good they were', () => {
  const clock = new CaptureClock();
  clock.handleAnswer(0, 4, { rtpTimestamp: 180 });
  clock.handleAnswer(10_000, 10_040, { rtpTimestamp: 90 * 18_020 }); // 8 s of sleep, which performance.now() knows nothing of
  assert.equal(clock.captureTime(90 * 18_100, 10_100), 10_100);
});

test('RTP timestamps wrap around', () => {
  const clock = new CaptureClock();
  clock.handleAnswer(0, 0, { rtpTimestamp: 2 ** 32 - 900 });
  assert.equal(clock.captureTime(900, 0), 20);
  clock.handleAnswer(0, 0, { rtpTimestamp: 450 });
  assert.equal(clock.captureTime(2 ** 32 - 450, 0), -10);
});

test('what is no reading of the clock is left alone', () => {
  const clock = new CaptureClock();
  for (const answer of [null, undefined, 3, {}, { time: 3 }, { rtpTimestamp: '1' }]) clock.handleAnswer(0, 1, answer);
  clock.handleAnswer(2, 1, { rtpTimestamp: 1 });
  assert.equal(clock.captureTime(1, 1), null);
});

test('latency is that of the last second', () => {
  const meter = new LatencyMeter();
  assert.equal(meter.at(0), null);
  for (let i = 0; i < 30; i++) meter.handleFrame(i * 33, i * 33 + 500);
  for (let i = 50; i < 80; i++) meter.handleFrame(i * 33, i * 33 + 80);
  assert.deepEqual(meter.at(80 * 33 + 80), { median: 80, p95: 80 });
  for (let i = 80; i < 120; i++) meter.handleFrame(i * 33, i * 33 + (i % 10 === 0 ? 300 : 70));
  assert.deepEqual(meter.at(120 * 33 + 70), { median: 70, p95: 300 });
  assert.equal(meter.at(5000), null);
});

test('many pictures take no room', () => {
  const meter = new LatencyMeter();
  for (let i = 0; i < 10_000; i++) meter.handleFrame(0, 1);
  assert.deepEqual(meter.at(1), { median: 1, p95: 1 });
});
