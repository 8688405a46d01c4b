/** The device's answer to a call that it refused or could not do. */
export class RpcError extends Error {
  constructor(readonly code: number, message: string, readonly data?: unknown) {
    super(message);
    this.name = 'RpcError';
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export function notificationText(method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}

/** JSON-RPC 2.0 as a client over a message channel. Bound: 64 calls under way; a further one fails at once. */
export class RpcClient {
  static readonly #bound = 64;
  readonly #send: (text: string) => boolean;
  readonly #notified: (method: string, params: unknown) => void;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(send: (text: string) => boolean, notified: (method: string, params: unknown) => void = () => {}) {
    this.#send = send;
    this.#notified = notified;
  }

  call(method: string, params?: unknown, limit = 5000): Promise<unknown> {
    if (this.#pending.size >= RpcClient.#bound) return Promise.reject(new RpcError(429, 'Too many calls are under way'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#take(id)?.reject(new RpcError(408, `${method} was not answered in time`)), limit);
      this.#pending.set(id, { resolve, reject, timer });
      const request = params === undefined ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params };
      if (!this.#send(JSON.stringify(request))) this.#take(id)?.reject(new RpcError(503, 'The control channel is not open'));
    });
  }

  /** Says something that needs no answer. */
  notify(method: string, params: unknown): boolean {
    return this.#send(notificationText(method, params));
  }

  /** A message from the channel; what is no answer or notification of ours is dropped. */
  handleMessage(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }

    if (typeof message !== 'object' || message === null) return;
    const { id, method, params, result, error } = message as Record<string, unknown>;
    if (typeof method === 'string') {
      if (id === undefined) this.#notified(method, params);
      return;
    }

    const pending = typeof id === 'number' ? this.#take(id) : undefined;
    if (pending === undefined) return;
    if (typeof error === 'object' && error !== null) {
      const { code, message: words, data } = error as Record<string, unknown>;
      pending.reject(new RpcError(typeof code === 'number' ? code : -32603, typeof words === 'string' ? words : 'Error', data));
    } else {
      pending.resolve(result);
    }
  }

  close(): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(new RpcError(503, 'The control channel was closed'));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending !== undefined) clearTimeout(pending.timer);
    this.#pending.delete(id);
    return pending;
  }
}
