import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Contract } from '../../shared/contract/index.ts';
import { fromWireError } from '../../electron/transport/errors.ts';
import { createPortHandler } from '../../electron/transport/message-port.ts';
import { createStubEngine, type StubEngine } from '../support/stub-engine.ts';
import { until } from '../support/wait.ts';

let stub: StubEngine;
let channel: MessageChannel;
let client: ContractRouterClient<Contract>;
let calls: string[];

/** Node's ports look to oRPC like a browser's once they deliver events; Electron's are driven in tests/desktop. */
beforeEach(() => {
  stub = createStubEngine();
  calls = [];
  channel = new MessageChannel();
  createPortHandler(stub.engine, stub.log, (call) => calls.push(call))(channel.port1);
  client = createORPCClient(new RPCLink({ port: channel.port2 }));
  channel.port2.start();
});

afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

test('answers as the window, and says which calls succeeded', async () => {
  expect(await client.app.info()).toMatchObject({ version: '0.0.0' });
  expect(stub.lastCaller()).toBe('window');
  expect(calls).toEqual(['app.info']);
});

test('a failure arrives as the report it was', async () => {
  const failure = await client.profiles.get({ id: 'pro_x' }).catch((thrown: unknown) => fromWireError(thrown));
  expect(failure).toEqual({ code: 'NOT_FOUND', message: 'There is no profile pro_x.', hint: 'List them.', detail: 'looked everywhere' });
  expect(calls).toEqual([]);
});

test('a fault is logged with its cause and told without', async () => {
  const failure = await client.profiles.list().catch((thrown: unknown) => fromWireError(thrown));
  expect(failure).toMatchObject({ code: 'INTERNAL' });
  expect(stub.log.lines.join('\n')).toContain('a fault with secrets in its cause');
});

test('input is checked here as anywhere', async () => {
  const failure = await client.profiles.get({ id: '' }).catch((thrown: unknown) => fromWireError(thrown));
  expect(failure).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('id:') as string });
});

test('a stream carries its failure, and ends when the page closes its port', async () => {
  const seen: unknown[] = [];
  const stream = await client.jobs.watch({ id: 'job_x' });
  const failure = await (async () => {
    for await (const event of stream) seen.push(event);
  })().catch((thrown: unknown) => fromWireError(thrown));
  expect(seen).toHaveLength(1);
  expect(failure).toMatchObject({ code: 'CONNECTION_LOST' });

  const events = await client.app.events();
  await events.next();
  expect(stub.openStreams()).toBe(1);
  channel.port2.close();
  await until('the stream to end', () => stub.openStreams() === 0);
});
