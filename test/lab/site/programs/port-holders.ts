import { endForgotten, listenersOn } from '../port-holders.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { units } from './units.ts';

/** What tells who holds the ports of a node, and its kubelet. */
export const portHolders: Readonly<Record<'ss' | 'systemctl', Program>> = {
  ss: { run: runSs },
  systemctl: { run: runSystemctl, changes: ([action]) => action !== 'show' },
};

/** `ss -ltnp` */
function runSs({ world, machine, isRoot }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== '-ltnp') return fail(255, 'Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]');
  const found = machine.kind === 'node' ? listenersOn(world.cluster, machine.node) : [];
  const rows = found.map(({ port, pid, program }) => {
    const users = isRoot ? ` users:(("${program}",pid=${pid},fd=8))` : '';
    return `LISTEN 0      4096       127.0.0.1:${String(port).padEnd(5)}      0.0.0.0:*   ${users}`;
  });
  return ok(lines(['State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess', ...rows]));
}

/** `/proc/PID/cgroup`, as systemd's driver of cgroup version 2 writes it. */
export function controlGroup({ world, machine }: Call, path: string): Answer | undefined {
  const pid = /^\/proc\/(\d+)\/cgroup$/.exec(path)?.[1];
  if (pid === undefined || machine.kind !== 'node') return undefined;
  const found = listenersOn(world.cluster, machine.node).find((each) => each.pid === Number(pid));
  if (found === undefined) return fail(1, `cat: ${path}: No such file or directory`);
  if (found.podUid === undefined) return ok(`0::/system.slice/${found.program}.service\n`);
  const slice = `kubepods-burstable-pod${found.podUid.replaceAll('-', '_')}.slice`;
  return ok(`0::/kubepods.slice/kubepods-burstable.slice/${slice}/cri-containerd-${'4f1c'.repeat(16)}.scope\n`);
}

const KUBELET_STARTS_MS = 10_000;

/** `systemctl restart kubelet`, and what transient units need. */
function runSystemctl(call: Call, args: readonly string[]): Answer {
  if (args[0] !== 'restart') return units.systemctl.run(call, args);
  const { world, machine, isRoot } = call;
  if (machine.kind !== 'node' || args.join(' ') !== 'restart kubelet') return usage('systemctl', 'Unknown command verb');
  if (!isRoot) return fail(1, 'Failed to restart kubelet.service: Interactive authentication required.');
  world.time.after(KUBELET_STARTS_MS, () => {
    endForgotten(world.cluster, machine.node);
    delete machine.node.kubeletRests;
    world.cluster.setReady(machine.node, 'True');
  });
  return ok();
}
