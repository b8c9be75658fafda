// A way to the test server that can fall silent: lines stay open, and nothing comes through any more, as with a frozen
// machine, a hung disk or a firewall that forgot them. New ones are taken and hear nothing.
import { connect as connectTo, createServer, type AddressInfo, type Socket } from 'node:net';
import { testServer } from './server.ts';

export type SilentDoor = Awaited<ReturnType<typeof makeSilentDoor>>;

export async function makeSilentDoor() {
  const { host, port } = testServer();
  const sockets = new Set<Socket>();
  let silent = false;
  let untilAsked = false;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const beyond = connectTo({ host, port, allowHalfOpen: true });
    for (const one of [socket, beyond]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        // A line that is silent does not tell of its end either.
        if (!silent || one === socket) for (const other of [socket, beyond]) other.destroy();
      });
    }
    socket.on('data', (bytes: Buffer) => {
      // Parse or Query: it is logged in, and asks for something.
      if (untilAsked && (bytes[0] === 0x50 || bytes[0] === 0x51)) silent = true;
      if (!silent) beyond.write(bytes);
    });
    beyond.on('data', (bytes: Buffer) => void (silent || socket.write(bytes)));
    socket.on('end', () => void (silent || beyond.end()));
    beyond.on('end', () => void (silent || socket.end()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    fallSilent(): void {
      silent = true;
    },
    /** Lets everybody log in, and falls silent at the first query. */
    fallSilentWhenAsked(): void {
      untilAsked = true;
    },
    isSilent: (): boolean => silent,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
