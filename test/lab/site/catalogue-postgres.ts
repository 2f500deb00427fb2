import { postgresClusters } from '../../../src/commands/cnpg.ts';
import {
  databaseFill,
  dataSpace,
  dataSpaceOnNode,
  postgresDatabases,
  postgresRoles,
  postgresSessions,
  replicationOf,
  serverState,
  sessionsOf,
  tableCounts,
} from '../../../src/commands/postgres.ts';
import type { Read } from '../../../src/core/command.ts';
import { at } from '../kubernetes/store.ts';
import { containerIdOf, containerNamed } from './databases/containers.ts';
import type { World } from './world.ts';

/** What the bot can ask of PostgreSQL and its operator: of servers that run, where the site has any. */
export function postgresReads(world: World): readonly Read<unknown>[] {
  const { postgres } = world.databases;
  if (postgres === undefined) return [postgresClusters()];
  const open = [...postgres.databases].flatMap(([name, { allowsConnections }]) => (allowsConnections ? [name] : []));
  const servers = [...postgres.walBytes.keys()].flatMap((name) => {
    const pod = world.cluster.pods().find(({ metadata }) => metadata.name === name);
    const node = { name: String(at(pod, 'spec', 'nodeName')), sudo: true };
    const id = containerIdOf(pod?.metadata.uid ?? '', 'postgres');
    return containerNamed(world, node.name, id) === undefined ? [] : [{ name, node, id }];
  });
  const mounts = servers.flatMap(({ node }) =>
    (world.nodes.get(node.name)?.mounts ?? []).flatMap(({ block, mountPoint }) =>
      block === undefined ? [] : [dataSpaceOnNode(node, mountPoint)],
    ),
  );
  const answering = servers.filter(({ name }) => !postgres.servers.has(name));
  const questions = [serverState, postgresDatabases, postgresSessions, postgresRoles, replicationOf];
  return [
    postgresClusters(),
    ...mounts,
    ...servers.map(dataSpace),
    ...answering.flatMap((server) => questions.map((ask) => ask(server))),
    ...answering.flatMap((server) =>
      open.flatMap((name) => [tableCounts, databaseFill, sessionsOf].map((ask) => ask(server, name))),
    ),
  ];
}
