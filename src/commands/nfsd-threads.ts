import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';

/** How many threads a Linux NFS server has. */
export function nfsdThreads(nas: Host) {
  return defineRead<number>({
    asks: `How many threads does the NFS server of ${nas.name} have?`,
    command: asRoot(nas, 7_000, 'cat', '/proc/fs/nfsd/threads'),
    answers: [0],
    parse: ({ stdout }) => {
      if (!/^\d+\s*$/.test(stdout)) throw new Error(stdout);
      return Number(stdout);
    },
  });
}

/** Fewer threads at once. rpc.nfsd would start a server that does not run: see first that one does. */
export function setNfsdThreads(nas: Host, count: number) {
  return defineChange({ command: asRoot(nas, 30_000, 'rpc.nfsd', `${count}`), risk: 'high' });
}
