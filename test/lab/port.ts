import type { Server } from 'node:net';

/** On 127.0.0.1; 0 takes any free port, which is returned. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('The lab server has no port'));
    });
  });
}

/** Connections that are open end with it. */
export function close(server: Server & { readonly closeAllConnections: () => void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
