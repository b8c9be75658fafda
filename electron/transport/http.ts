// The browser host's server: the page, the contract for it under /rpc, the same contract as REST under /api,
// and /upload. Listens on 127.0.0.1 only; access.ts says who gets in.
import { onError } from '@orpc/server';
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HowdahError, type ErrorReport } from '../../shared/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Caller } from '../engine/implementer.ts';
import type { Log } from '../engine/ports.ts';
import { createAccess, type Access } from './access.ts';
import { fromWireError, toWireError } from './errors.ts';
import { logFault } from './log-fault.ts';
import { readPageFile, securityHeaders } from './page-files.ts';
import { bodyLimit, createRestHandler, errorBody, openApiDocument } from './rest.ts';
import { receiveUpload } from './upload.ts';

export type HttpOptions = {
  engine: Pick<Engine, 'router' | 'openFile'>;
  /** 0: any free port. */
  port: number;
  /** The built page (`dist/renderer`). */
  pageDirectory: string;
  homeDirectory: string;
  version: string;
  log: Log;
  clock?: () => number;
};

export type HttpServer = {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** The one-time address for a browser. */
  url: string;
  apiToken: string;
  /** Ends every connection, event streams too. */
  close(): Promise<void>;
};

type Exchange = { request: IncomingMessage; response: ServerResponse; url: URL; method: string };

/** Starts listening. Errors: BAD_INPUT where the port is taken or not allowed. */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const server = createServer();
  // A dump of many gigabytes takes longer than Node's five minutes for a request.
  server.requestTimeout = 0;
  const port = await listen(server, options.port);
  const access = createAccess({ port, ...(options.clock === undefined ? {} : { clock: options.clock }) });
  const route = createRouter(options, access);
  server.on('request', (request, response) => void answer(request, response, route, options.log));
  server.on('clientError', (_error, socket: Socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/?token=${access.pageToken}`,
    apiToken: access.apiToken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Nothing that a request holds may end the program: whatever is thrown becomes an answer. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  route: (exchange: Exchange) => Promise<void>,
  log: Log,
): Promise<void> {
  response.on('error', (error) => log.warn(`An answer could not be sent: ${error.message}`));
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  response.setHeader('cache-control', 'no-store');
  try {
    const url = requestUrl(request);
    if (url === null)
      sendFailure(response, 400, { code: 'BAD_INPUT', message: 'The address of the request is malformed.', hint: 'Correct it.' });
    else await route({ request, response, url, method: request.method ?? 'GET' });
  } catch (thrown) {
    const report = fromWireError(thrown);
    if (report.code === 'INTERNAL') log.error(`${request.method ?? ''} failed`, thrown);
    sendFailure(response, toWireError(report).status, report);
  }
  if (!request.complete) request.resume();
}

function createRouter(options: HttpOptions, access: Access): (exchange: Exchange) => Promise<void> {
  const onFault = (thrown: unknown): void => logFault(options.log, thrown);
  const rest = createRestHandler(options.engine, onFault);
  const rpc = new RPCHandler<Caller>(options.engine.router, {
    plugins: [new BodyLimitPlugin({ maxBodySize: bodyLimit })],
    clientInterceptors: [onError(onFault)],
  });
  let document: Promise<unknown> | null = null;

  return async (exchange) => {
    const { request, response, url, method } = exchange;
    const wrongHost = access.checkHost(request.headers);
    if (wrongHost !== null) return sendFailure(response, 403, forbidden(wrongHost));
    const token = url.searchParams.get('token');
    if (url.pathname === '/' && token !== null && method === 'GET') return redeem(exchange, access, token);

    const verdict = access.judge(method, request.headers);
    if (!verdict.allowed) return refuse(exchange, verdict.status, verdict.why);
    const context: Caller = { caller: verdict.caller };

    if (url.pathname === '/api/openapi.json' && method === 'GET') {
      document ??= openApiDocument(options.version);
      return sendJson(response, 200, await document);
    }
    if (url.pathname === '/upload' && method === 'POST') {
      const path = await receiveUpload(options.homeDirectory, url.searchParams.get('name') ?? '', request);
      return sendJson(response, 200, await options.engine.openFile(path));
    }
    if (isBelow(url, '/api') && (await rest.handle(request, response, { prefix: '/api', context })).matched) return;
    if (isBelow(url, '/rpc') && (await rpc.handle(request, response, { prefix: '/rpc', context })).matched) return;
    if ((method === 'GET' || method === 'HEAD') && (await sendPageFile(exchange, options.pageDirectory))) return;
    sendFailure(response, 404, {
      code: 'NOT_FOUND',
      message: 'There is nothing at this address.',
      hint: 'See /api/openapi.json for the calls.',
    });
  };
}

/** The one-time address: gives the browser its session and sends it on to the page, without the token in the address. */
function redeem({ request, response }: Exchange, access: Access, token: string): void {
  const cookie = access.redeem(token);
  const known = access.judge('GET', request.headers).allowed;
  if (cookie === null && !known) return refuseInWords(response, 403);
  if (cookie !== null) response.setHeader('set-cookie', cookie);
  response.writeHead(303, { location: '/' }).end();
}

function refuse({ response, url }: Exchange, status: 401 | 403, why: string): void {
  if (isBelow(url, '/api') || isBelow(url, '/rpc') || url.pathname === '/upload') return sendFailure(response, status, forbidden(why));
  refuseInWords(response, status);
}

/** For eyes, not for programs. */
function refuseInWords(response: ServerResponse, status: 401 | 403): void {
  const words =
    'This address does not let you in.\n\nThe address that Howdah prints at its start works once and for ten minutes; after that only the browser that used it gets in.\nStart Howdah again for a new one.\n';
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(words);
}

async function sendPageFile({ response, url, method }: Exchange, pageDirectory: string): Promise<boolean> {
  const file = await readPageFile(pageDirectory, url.pathname);
  if (file === null) return false;
  response.writeHead(200, { ...file.headers, 'content-length': file.body.byteLength });
  response.end(method === 'HEAD' ? undefined : file.body);
  return true;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendFailure(response: ServerResponse, status: number, report: ErrorReport): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, status, errorBody(report));
}

function forbidden(why: string): ErrorReport {
  return {
    code: 'FORBIDDEN',
    message: why,
    hint: 'Send the API token as `Authorization: Bearer …`, or open the address that Howdah printed.',
  };
}

function isBelow(url: URL, prefix: string): boolean {
  return url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
}

/** Null where the request line holds no path. */
function requestUrl(request: IncomingMessage): URL | null {
  const target = request.url ?? '';
  if (!target.startsWith('/')) return null;
  const address = `http://127.0.0.1${target}`;
  return URL.canParse(address) ? new URL(address) : null;
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) =>
      reject(
        new HowdahError('BAD_INPUT', `Port ${port} of 127.0.0.1 cannot be used: ${thrown.code ?? thrown.message}.`, {
          hint: 'Choose another port, or none at all: any free one is taken then.',
          cause: thrown,
        }),
      ),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
