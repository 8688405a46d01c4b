// node peer-werift.mjs --whep URL | --broker URL --device D [--camera C] [--seconds N] [--setup active|passive] [--srtp cm|gcm] [--width W]
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import { Receiver } from './h264.mjs';
import { openSignaling, startStun } from './signaling.mjs';
import { drive, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({ seconds: 5, setup: '', srtp: '', width: 1280, camera: 'cam0', limit: 20 });
const profiles = { cm: 1, gcm: 7 }; // as registered for DTLS-SRTP, RFC 5764 and 7714
const names = { 1: 'SRTP_AES128_CM_HMAC_SHA1_80', 7: 'SRTP_AEAD_AES_128_GCM' };

await drive(async () => {
  const receiver = new Receiver();
  await receiver.decode(options.width);
  const signaling = await openSignaling(options);
  const pc = new RTCPeerConnection({
    // Without a server of its own it would ask one on the Internet and wait for it.
    iceServers: [{ urls: await startStun() }], iceUseIpv6: false, iceUseIpv4: true, iceAdditionalHostAddresses: ['127.0.0.1'],
    codecs: { video: [new RTCRtpCodecParameters({ mimeType: 'video/H264', clockRate: 90000, payloadType: 96, parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f', rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] })] },
  });
  pc.connectionStateChange.subscribe((state) => progress('state', state));
  const control = pc.createDataChannel('control', { protocol: 'edgecam.control.v1' });
  let deviceInfo = null;
  control.stateChanged.subscribe((state) => state === 'open' && control.send(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'device.info' })).toString()));
  control.onMessage.subscribe((message) => { deviceInfo = JSON.parse(message.toString()).result ?? null; });
  const transceiver = pc.addTransceiver('video', { direction: 'recvonly' });
  transceiver.onTrack.subscribe((track) => track.onReceiveRtp.subscribe((packet) => receiver.handleRtp(packet.serialize())));
  pc.onIceCandidate.subscribe((candidate) => void signaling.candidate(candidate?.candidate ? `candidate:${candidate.candidate.replace(/^candidate:/, '')}` : ''));
  const early = [];
  let answered = false;
  const add = (candidate) => pc.addIceCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 }).catch((error) => progress('candidate left out', error.message));
  signaling.onCandidate = (candidate) => {
    if (candidate === '') return;
    if (answered) add(candidate);
    else early.push(candidate);
  };
  await pc.setLocalDescription(await pc.createOffer());
  const transport = pc.dtlsTransports[0];
  if (options.srtp !== '') transport.srtpProfiles = [profiles[options.srtp]];
  const answer = await signaling.offer(pc.localDescription.sdp);
  await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  answered = true;
  early.forEach(add);
  if (!await until(() => receiver.frames > 0, options.limit * 1000)) throw Object.assign(new Error('no frame'), { result: { state: pc.connectionState, answer } });
  await wait(options.seconds * 1000);
  await until(() => deviceInfo, 3000);
  const state = pc.connectionState;
  await signaling.close();
  const result = {
    peer: 'werift', seconds: options.seconds, state, deviceInfo, dtlsRole: transport.role, srtp: names[transport.dtls?.srtp?.srtpProfile] ?? null, answerSetup: /a=setup:(\w+)/.exec(answer)?.[1],
    ...(await receiver.result()),
  };
  await pc.close();
  return result;
});
