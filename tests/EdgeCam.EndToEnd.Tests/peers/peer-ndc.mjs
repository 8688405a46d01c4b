// node peer-ndc.mjs --whep URL | --broker URL --device D [--camera C] [--seconds N] [--setup active|passive] [--width W]
// libdatachannel (by node-datachannel) as a viewer. Its SRTP profile cannot be chosen nor asked for.
import nd from 'node-datachannel';
import { Receiver } from './h264.mjs';
import { openSignaling } from './signaling.mjs';
import { drive, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({ seconds: 5, setup: '', width: 1280, camera: 'cam0', limit: 15 });

await drive(async () => {
  const receiver = new Receiver();
  await receiver.decode(options.width);
  const signaling = await openSignaling(options);
  const pc = new nd.PeerConnection('viewer', { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true });
  pc.onStateChange((state) => progress('state', state));
  const video = new nd.Video('0', 'RecvOnly');
  video.addH264Codec(96, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
  const track = pc.addTrack(video);
  const session = new nd.RtcpReceivingSession();
  track.setMediaHandler(session);
  track.onMessage((packet) => {
    if (packet[1] < 192 || packet[1] > 223) receiver.handleRtp(packet); // the rest is RTCP, RFC 5761
  });
  const control = pc.createDataChannel('control', { protocol: 'edgecam.control.v1' });
  let deviceInfo = null;
  control.onOpen(() => control.sendMessage(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'device.info' })));
  control.onMessage((message) => { deviceInfo = JSON.parse(String(message)).result ?? null; });
  pc.onLocalCandidate((candidate) => void signaling.candidate(candidate));
  const early = [];
  let answered = false;
  signaling.onCandidate = (candidate, mid) => {
    if (candidate === '') return;
    if (answered) pc.addRemoteCandidate(candidate, mid);
    else early.push([candidate, mid]);
  };
  pc.setLocalDescription('offer');
  const offer = await until(() => pc.localDescription()?.sdp, 3000, 5);
  const answer = await signaling.offer(offer);
  pc.setRemoteDescription(answer, 'answer');
  answered = true;
  for (const [candidate, mid] of early) pc.addRemoteCandidate(candidate, mid);
  if (!await until(() => receiver.frames > 0, options.limit * 1000)) throw Object.assign(new Error('no frame'), { result: { state: pc.state(), answer } });
  await wait(options.seconds * 1000);
  const state = pc.state();
  await until(() => deviceInfo, 3000);
  await signaling.close();
  const setup = /a=setup:(\w+)/.exec(answer)?.[1];
  const result = { peer: `libdatachannel ${nd.getLibraryVersion()}`, seconds: options.seconds, state, deviceInfo, dtlsRole: setup === 'active' ? 'server' : 'client', srtp: null, answerSetup: setup, ...(await receiver.result()) };
  pc.close();
  await wait(200);
  return result;
});
