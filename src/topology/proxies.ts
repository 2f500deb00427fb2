import type { Pod } from '../commands/cluster-objects.ts';
import type { User } from '../commands/workload-volumes.ts';
import { isPodOf } from './stopped-users.ts';

/** Programs that stand between a database and who uses it. */
const PROXY = /pgbouncer|pgpool|pgcat|odyssey|proxysql|haproxy|maxscale|(?:^|[/-])(?:mysql-)?router(?:[:@-]|$)/;

export function isProxy(user: User, pods: readonly Pod[]): boolean {
  return PROXY.test(user.name) || pods.some((pod) => isPodOf(user, pod) && forwards(pod));
}

export function forwards({ name, spec }: Pod): boolean {
  return PROXY.test(name) || spec.containers.some(({ image = '' }) => PROXY.test(image));
}
