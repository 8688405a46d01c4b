// JSON-RPC 2.0 as the mock device answers it.

export class RpcFault extends Error {
  constructor(code, message, data) {
    super(message);
    Object.assign(this, { code, data });
  }
}

/** Null where nothing is to be said: a notification has no answer. */
export function answerRpc(text, handle) {
  const { id, method, params } = JSON.parse(text);
  let answer;
  try {
    answer = { result: handle(method, params ?? {}) };
  } catch (fault) {
    if (!(fault instanceof RpcFault)) throw fault;
    answer = { error: { code: fault.code, message: fault.message, ...(fault.data === undefined ? {} : { data: fault.data }) } };
  }

  return id === undefined ? null : JSON.stringify({ jsonrpc: '2.0', id, ...answer });
}
