// Inputs, outputs and a dimmer for the mock device.
import { RpcFault } from './mock-rpc.mjs';

export class MockLines {
  /** Each message as it came: {at, method, params}. */
  heard = [];
  /** Milliseconds until an output has done what it was told. */
  delay = 0;
  #watching = new Set();
  #lines = new Map();
  #dimmers = new Map();
  #pulses = new Map();
  #changed;

  /** @param changed (params, sessions) tells those sessions. */
  constructor(changed) {
    this.#changed = changed;
    const at = Date.now();
    const add = (name, label, direction, more = {}) => this.#lines.set(name, { name, label, direction, value: false, changedAt: at - 180_000, scope: 'gpio', state: 'ready', fault: null, remedy: null, maxOnSeconds: null, interlock: [], ...more });
    add('light', 'Yard light', 'output', { value: true });
    add('open', 'Gate opens', 'output', { interlock: ['close'], maxOnSeconds: 20 });
    add('close', 'Gate closes', 'output', { interlock: ['open'], maxOnSeconds: 20 });
    add('siren', 'Siren', 'output', { state: 'fault', fault: 'the chip does not answer', remedy: 'check the wiring of gpiochip2' });
    add('door', 'Door contact', 'input', { value: true, changedAt: at - 12_000 });
    add('motion', 'Motion sensor', 'input');
    add('tamper', 'Lid', 'input', { changedAt: null });
    this.#dimmers.set('lamp', { name: 'lamp', label: 'Porch lamp', duty: 0.35, frequency: 1000, scope: 'gpio', state: 'ready', fault: null, remedy: null });
  }

  handle(method, params, session, allows) {
    this.heard.push({ at: Math.round(performance.now()), method, params });
    switch (method) {
      case 'gpio.list': return {
        lines: [...this.#lines.values()].map((line) => ({ ...line, writable: line.direction === 'output' && allows(line.scope), pulseEndsIn: this.#pulseLeft(line.name) })),
        pwm: [...this.#dimmers.values()].map((dimmer) => ({ ...dimmer, writable: allows(dimmer.scope) })),
      };
      case 'gpio.watch': this.#watching.add(session); return {};
      case 'gpio.unwatch': this.#watching.delete(session); return {};
      case 'gpio.read': { const { value, changedAt } = this.#line(params.line); return { value, changedAt }; }
      case 'gpio.write': this.#write(params.line, params.value, 'write', allows); return {};
      case 'gpio.toggle': { const value = !this.#line(params.line).value; this.#write(params.line, value, 'write', allows); return { value }; }
      case 'gpio.pulse': this.#pulse(params, allows); return {};
      case 'gpio.pwm': this.#dim(params, allows); return {};
      default: throw new RpcFault(-32601, `Method not found: ${method}`);
    }
  }

  close(session) {
    this.#watching.delete(session);
  }

  /** An input, from outside. */
  input(name, value) {
    this.#set(this.#line(name), value, 'input');
  }

  fault(name, fault, remedy = null) {
    const line = this.#line(name);
    Object.assign(line, { state: fault === null ? 'ready' : 'fault', fault, remedy });
    this.#tell({ line: name, state: line.state, fault, remedy });
  }

  #line(name) {
    const line = this.#lines.get(name);
    if (line === undefined) throw new RpcFault(-32002, `there is no line ${name}`);
    return line;
  }

  #check(target, allows) {
    if (!allows(target.scope)) throw new RpcFault(-32001, `the scope ${target.scope} is missing`, { scope: target.scope });
    if (target.state === 'fault') throw new RpcFault(-32004, target.fault, { remedy: target.remedy });
  }

  #write(name, value, cause, allows) {
    const line = this.#line(name);
    this.#check(line, allows);
    const other = value ? line.interlock.map((each) => this.#line(each)).find((each) => each.value) : undefined;
    if (other !== undefined) throw new RpcFault(-32005, `${line.label} is never on together with ${other.label}`, { line: other.name });
    clearTimeout(this.#pulses.get(name)?.timer);
    this.#pulses.delete(name);
    setTimeout(() => this.#set(line, value, cause), this.delay);
  }

  #pulse({ line: name, milliseconds, value = true }, allows) {
    this.#write(name, value, 'pulse', allows);
    const line = this.#line(name);
    const timer = setTimeout(() => {
      this.#pulses.delete(name);
      this.#set(line, !value, 'pulse');
    }, milliseconds);
    this.#pulses.set(name, { until: Date.now() + milliseconds, timer });
  }

  #pulseLeft(name) {
    const pulse = this.#pulses.get(name);
    return pulse === undefined ? null : pulse.until - Date.now();
  }

  #dim({ name, duty }, allows) {
    const dimmer = this.#dimmers.get(name);
    if (dimmer === undefined) throw new RpcFault(-32002, `there is no output ${name}`);
    this.#check(dimmer, allows);
    dimmer.duty = duty;
    this.#tell({ pwm: name, duty });
  }

  #set(line, value, cause) {
    if (line.value === value) return;
    line.value = value;
    line.changedAt = Date.now();
    this.#tell({ line: line.name, value, at: line.changedAt, edge: value ? 'rising' : 'falling', cause });
  }

  #tell(params) {
    this.#changed(params, this.#watching);
  }
}
