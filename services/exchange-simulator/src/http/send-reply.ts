import type { ServerResponse } from 'node:http';
import type { Reply } from '../faults/reply.ts';

const JSON_TYPE = 'application/json;charset=UTF-8';

/** Sends a reply over HTTP, broken as it is meant to be broken. Shape: `more` are further headers, names and values in turns. */
export function sendReply(response: ServerResponse, reply: Reply, more: readonly string[] = []): void {
  switch (reply.kind) {
    case 'silence':
      return;
    case 'cut':
      response.socket?.destroy();
      return;
    case 'answer':
      send(response, { whole: reply, contentType: JSON_TYPE, text: JSON.stringify(reply.body), more });
      return;
    case 'page':
      send(response, { whole: reply, contentType: reply.contentType, text: reply.text, more });
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

interface Sent {
  readonly whole: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
  readonly contentType: string;
  readonly text: string;
  readonly more: readonly string[];
}

/** All headers in one list: thousands of answers a second are cheaper that way than set one by one. */
function send(response: ServerResponse, { whole, contentType, text, more }: Sent): void {
  const headers = ['content-type', contentType, 'content-length', String(Buffer.byteLength(text)), ...more];
  if (whole.headers !== undefined) headers.push(...Object.entries(whole.headers).flat());
  response.writeHead(whole.status, headers);
  response.end(text);
}
