// A real HTTP server that notes what it is sent, and answers as it is told.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
export type Answer = { status: number; headers?: Record<string, string>; body?: string } | 'silence';

export type HttpReceiver = {
  url: string;
  received: ReceivedRequest[];
  /** What the next requests get, one each; afterwards `usual`. */
  answers: Answer[];
  usual: Answer;
  close(): Promise<void>;
};

export async function startHttpReceiver(port = 0): Promise<HttpReceiver> {
  const receiver: HttpReceiver = { url: '', received: [], answers: [], usual: { status: 200, body: 'ok' }, close: () => Promise.resolve() };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      receiver.received.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      const answer = receiver.answers.shift() ?? receiver.usual;
      if (answer === 'silence') return;
      response.writeHead(answer.status, { connection: 'close', ...answer.headers }).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  receiver.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return receiver;
}
