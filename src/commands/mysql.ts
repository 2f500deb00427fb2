import { defineRead } from '../core/command.ts';
import { linesOf } from './bounded.ts';
import { inContainer } from './in-container.ts';
import type { MysqlServer } from './mysql-query.ts';
import { mysqlQuery, mysqlRows, numberOf } from './mysql-query.ts';

const VARIABLES =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'read_only', 'super_read_only', 'offline_mode', 'max_connections');" +
  " SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Uptime')";

export interface MysqlState {
  /** `8.4.4` */
  readonly version: string;
  /** Nobody may write; `super`: not even root. */
  readonly readOnly: boolean;
  readonly superReadOnly: boolean;
  /** Only administrators may connect: everybody else gets ERROR 3032. */
  readonly offline: boolean;
  readonly maxConnections: number;
  readonly connections: number;
  readonly uptimeS: number;
}

export function mysqlState(server: MysqlServer) {
  return defineRead<MysqlState>({
    asks: `How is the MySQL in container ${server.container.id.slice(0, 12)}?`,
    command: mysqlQuery({ server, sql: VARIABLES }),
    answers: [0],
    parse: (output) => stateOf(new Map(mysqlRows(output, 2).map(([name = '', value = '']) => [name, value]))),
  });
}

/** MariaDB has neither `super_read_only` nor `offline_mode`. */
function stateOf(values: ReadonlyMap<string, string>): MysqlState {
  const text = (name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value of ${name}`);
    return value;
  };
  const flag = (value: string) => {
    if (!/^(ON|OFF)$/.test(value)) throw new Error(`neither ON nor OFF: ${value}`);
    return value === 'ON';
  };
  return {
    version: text('version'),
    readOnly: flag(text('read_only')),
    superReadOnly: flag(values.get('super_read_only') ?? 'OFF'),
    offline: flag(values.get('offline_mode') ?? 'OFF'),
    maxConnections: numberOf(text('max_connections')),
    connections: numberOf(text('Threads_connected')),
    uptimeS: numberOf(text('Uptime')),
  };
}

const MEMBER_STATES = ['ONLINE', 'RECOVERING', 'OFFLINE', 'ERROR', 'UNREACHABLE'] as const;

export interface GroupMember {
  /** `mysql-cluster-0.mysql-cluster-instances.dbaas.svc.cluster.local`; empty for a server that is in no group. */
  readonly host: string;
  readonly state: (typeof MEMBER_STATES)[number];
  readonly role: 'PRIMARY' | 'SECONDARY' | '';
}

/** The group as one member sees it: others may see another. */
export function groupMembers(server: MysqlServer) {
  return defineRead<readonly GroupMember[]>({
    asks: `Whom does the MySQL in container ${server.container.id.slice(0, 12)} see in its group?`,
    command: mysqlQuery({
      server,
      sql: 'SELECT MEMBER_HOST, MEMBER_STATE, MEMBER_ROLE FROM performance_schema.replication_group_members',
    }),
    answers: [0],
    parse: (output) => mysqlRows(output, 3).map(memberOf),
  });
}

function memberOf([host = '', stateText = '', role = '']: readonly string[]): GroupMember {
  const state = MEMBER_STATES.find((each) => each === stateText);
  if (state === undefined || (role !== 'PRIMARY' && role !== 'SECONDARY' && role !== ''))
    throw new Error(`not a member: ${stateText} ${role}`);
  return { host, state, role };
}

const SESSIONS = "SELECT id, user, host, COALESCE(db, '') FROM information_schema.processlist WHERE id <> CONNECTION_ID()";

export interface MysqlSession {
  readonly id: number;
  readonly user: string;
  /** Of the client, without its port, or its name where the server resolves that; absent for what the server does itself. */
  readonly address?: string;
  /** Empty where it has chosen none. */
  readonly database: string;
}

export function mysqlSessions(server: MysqlServer) {
  return defineRead<readonly MysqlSession[]>({
    asks: 'Who is connected to the server?',
    command: mysqlQuery({ server, sql: SESSIONS }),
    answers: [0],
    parse: (output) =>
      mysqlRows(output, 4).map(([id = '', user = '', host = '', database = '']) => {
        const address = host.replace(/:\d+$/, '');
        return { id: numberOf(id), user, ...(address !== '' && address !== 'localhost' && { address }), database };
      }),
  });
}

export interface DataSpace {
  readonly bytes: number;
  readonly freeBytes: number;
}

/** The file system of the data, as the server sees it. */
export function mysqlDataSpace({ container }: MysqlServer) {
  return defineRead<DataSpace>({
    asks: `How full is the volume of the MySQL in container ${container.id.slice(0, 12)}?`,
    command: inContainer(container, 8, ['df', '-P', '-B1', '/var/lib/mysql']),
    answers: [0],
    parse: ({ stdout }) => {
      const [header = '', row = '', ...more] = linesOf(stdout);
      const [, bytes = '', , free = ''] = row.split(/\s+/);
      if (!header.startsWith('Filesystem') || more.length > 0) throw new Error('not the table of df');
      return { bytes: numberOf(bytes), freeBytes: numberOf(free) };
    },
  });
}
