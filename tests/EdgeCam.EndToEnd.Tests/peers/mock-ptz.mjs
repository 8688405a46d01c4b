// A head for the mock device: it moves, is held, breaks and keeps presets on command. What arrives is noted for whoever asks.
import { RpcFault } from './mock-rpc.mjs';

const step = 20;
const limits = { pan: [-1, 1], tilt: [-0.6, 1], zoom: [0, 1] };

export class MockHead {
  state = 'ready';
  fault = null;
  remedy = null;
  holder = null;
  /** Each message as it came: {at, channel, method, params}. */
  heard = [];
  #positions = { pan: 0.12, tilt: 0.05, zoom: 0.3 };
  #speeds = { pan: 0, tilt: 0, zoom: 0 };
  #target = null;
  #newest = new Map();
  #lastHeard = 0;
  #home = { pan: 0, tilt: 0, zoom: 0 };
  #presets = new Map();
  #changed;
  #toldAt = 0;

  /** @param changed (statusOf, reason) tells every viewer what statusOf(session) gives. */
  constructor(changed, presets = []) {
    this.#changed = changed;
    presets.forEach(([name, pan, tilt, zoom, thumbnail], i) => this.#presets.set(String(i + 1), { name, pan, tilt, zoom, thumbnail, scope: null }));
    setInterval(() => this.#tick(), step).unref();
  }

  get moving() {
    return this.#target !== null || Object.values(this.#speeds).some((speed) => speed !== 0);
  }

  status(session) {
    const axes = Object.fromEntries(Object.entries(this.#positions).map(([name, position]) => {
      const [min, max] = limits[name];
      return [name, { position: this.blind ? null : Number(position.toFixed(4)), moving: this.#speeds[name] !== 0 || this.#target?.[name] !== undefined, min, max, atEnd: position >= max && name !== 'zoom' ? 'max' : position <= min && name !== 'zoom' ? 'min' : null }];
    }));
    const control = this.holder === null ? null : { holder: this.holder.name, you: this.holder.session === session, expiresIn: 8000, canTake: this.holder.canTake ?? false };
    return { camera: 'cam0', driver: 'mock', state: this.state, fault: this.fault, remedy: this.remedy, axes, moving: this.moving, estimated: true, hasHome: true, control };
  }

  set(members, reason) {
    Object.assign(this, members);
    if (this.state === 'fault') this.#halt();
    this.#tell(reason);
  }

  handle(method, params, session, channel) {
    this.heard.push({ at: Math.round(performance.now()), channel, method, params });
    if (this.heard.length > 5000) this.heard.shift();
    this.#lastHeard = performance.now();
    switch (method) {
      case 'ptz.status': return this.status(session);
      case 'ptz.presets': return { presets: [...this.#presets].map(([token, { thumbnail, ...preset }]) => ({ token, ...preset, hasThumbnail: thumbnail !== null })) };
      case 'ptz.presetThumbnail': return { thumbnail: this.#preset(params.token).thumbnail };
      case 'ptz.alive': return {};
      case 'ptz.stop': if (this.#isNew(session, params.seq)) { this.#halt(); this.#tell('stopped'); } return {};
      case 'ptz.continuousMove': return this.#move(params, session);
      case 'ptz.absoluteMove': return this.#isNew(session, params.seq) ? this.#travel(params, session) : {};
      case 'ptz.home': return this.#travel(this.#home, session);
      case 'ptz.gotoPreset': return this.#travel(this.#preset(params.token), session);
      case 'ptz.setHome': this.#home = { ...this.#positions }; return {};
      case 'ptz.setPreset': return this.#keep(params);
      case 'ptz.removePreset': this.#preset(params.token); this.#presets.delete(params.token); this.#tell('preset'); return {};
      case 'ptz.acquire': this.#acquire(session, params.force); this.#tell('lease'); return this.status(session).control;
      case 'ptz.release': this.holder = null; this.#tell('lease'); return {};
      default: throw new RpcFault(-32601, `Method not found: ${method}`);
    }
  }

  close(session) {
    if (this.holder?.session !== session) return;
    this.holder = null;
    this.#halt();
    this.#tell('lease');
  }

  #acquire(session, force = false) {
    if (this.state !== 'ready') throw new RpcFault(-32004, this.fault ?? 'the head is starting', { remedy: this.remedy });
    if (this.holder !== null && this.holder.session !== session && !(force && this.holder.canTake)) throw new RpcFault(-32003, 'another operator is in control', { holder: this.holder.name, expiresIn: 8000 });
    this.holder = { name: session.subject ?? 'You', session };
  }

  /** Newest wins, over both channels. */
  #isNew(session, seq) {
    if (seq === undefined) return true;
    if (seq <= (this.#newest.get(session) ?? 0)) return false;
    this.#newest.set(session, seq);
    return true;
  }

  #move(params, session) {
    if (!this.#isNew(session, params.seq)) return {};
    this.#acquire(session);
    this.#target = null;
    for (const name of Object.keys(this.#speeds)) if (params[name] !== undefined) this.#speeds[name] = params[name];
    this.#tell('moved');
    return {};
  }

  #travel({ pan, tilt, zoom }, session) {
    this.#acquire(session);
    const wanted = Object.fromEntries(Object.entries({ pan, tilt, zoom }).filter(([, value]) => value !== undefined));
    this.#target = { ...this.#target, ...wanted };
    this.#tell('moved');
    return {};
  }

  #keep({ token = String(1 + Math.max(0, ...[...this.#presets.keys()].map(Number))), name, thumbnail = null, scope = null }) {
    if (typeof name !== 'string' || name === '' || name.length > 64 || (thumbnail?.length ?? 0) > 12 * 1024) throw new RpcFault(-32602, 'a preset needs a name, and a small picture');
    this.#presets.set(token, { name, ...this.#positions, thumbnail, scope });
    this.#tell('preset');
    return { token };
  }

  #preset(token) {
    const preset = this.#presets.get(token);
    if (preset === undefined) throw new RpcFault(-32002, 'there is no such preset');
    return preset;
  }

  #halt() {
    this.#target = null;
    for (const name of Object.keys(this.#speeds)) this.#speeds[name] = 0;
  }

  #tick() {
    if (!this.moving) return;
    if (performance.now() > this.#lastHeard + 300) {
      this.#halt();
      return this.#tell('dead-man');
    }

    for (const name of Object.keys(this.#speeds)) {
      const [min, max] = limits[name];
      const wanted = this.#target?.[name];
      const way = wanted === undefined ? (this.#speeds[name] * 0.5 * step) / 1000 : Math.max(-0.008, Math.min(0.008, wanted - this.#positions[name]));
      this.#positions[name] = Math.max(min, Math.min(max, this.#positions[name] + way));
      if (wanted !== undefined && Math.abs(wanted - this.#positions[name]) < 1e-6) delete this.#target[name];
    }

    if (this.#target !== null && Object.keys(this.#target).length === 0) this.#target = null;
    if (!this.moving) this.#tell('stopped');
    else if (performance.now() > this.#toldAt + 100) this.#tell();
  }

  #tell(reason) {
    this.#toldAt = performance.now();
    this.#changed((session) => ({ ...this.status(session), ...(reason === undefined ? {} : { reason }) }));
  }
}
