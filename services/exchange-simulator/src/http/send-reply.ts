import type { ServerResponse } from 'node:http';
import type { Reply } from '../faults/reply.ts';

const JSON_TYPE = 'application/json;charset=UTF-8';

/** Sends a reply over HTTP, broken as it is meant to be broken. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  switch (reply.kind) {
    case 'silence':
      return;
    case 'cut':
      response.socket?.destroy();
      return;
    case 'answer':
      send(response, { ...reply, contentType: JSON_TYPE, text: JSON.stringify(reply.body) });
      return;
    case 'page':
      send(response, reply);
      return;
    case 'torn': {
      const whole = Buffer.from(JSON.stringify(reply.answer.body));
      response.writeHead(reply.answer.status, { 'content-type': JSON_TYPE, 'content-length': whole.length });
      // Cut only once the half has left the process: what is still buffered would be thrown away with the connection.
      response.write(whole.subarray(0, Math.ceil(whole.length / 2)), () => response.socket?.destroy());
      return;
    }
  }
}

interface Whole {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(response: ServerResponse, { status, contentType, text, headers }: Whole): void {
  response.writeHead(status, {
    ...headers,
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
