import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SshCommand } from '../../core/command.ts';
import type { Failure, Outcome } from '../../core/output.ts';
import type { ConnectionEvents } from './connection.ts';
import { Connection } from './connection.ts';
import { hasFailed } from './failures.ts';
import { fingerprintOf } from './host-key.ts';
import { privateKeyOf } from './identity.ts';
import { Lane } from './lane.ts';
import { logIn } from './login.ts';
import { routeTo } from './route.ts';
import type { Intent, ResolveHost, SshEndpoint, SshEvent, SshLimits } from './types.ts';
import { DEFAULT_LIMITS } from './types.ts';

export type { Intent, ResolveHost, SshEndpoint, SshEvent, SshIdentity, SshLimits } from './types.ts';

export interface SshOptions {
  readonly resolve: ResolveHost;
  readonly limits?: Partial<SshLimits>;
  readonly log?: (event: SshEvent) => void;
}

/** Neither `read` nor `change` rejects. A change is sent at most once; a read that was not sent gets a second connection. */
export interface Ssh {
  readonly read: (command: SshCommand) => Promise<Outcome>;
  readonly change: (command: SshCommand) => Promise<Outcome>;
  /** Ends all connections; a command that still runs gets a Failure. */
  readonly close: () => Promise<void>;
}

export function createSsh({ resolve, limits: given = {}, log = () => {} }: SshOptions): Ssh {
  const limits: SshLimits = { ...DEFAULT_LIMITS, ...given };
  const lanes = new Map<string, Lane>();

  function laneOf(host: string, intent: Intent): Lane {
    const key = `${intent} ${host}`;
    const connect = (events: ConnectionEvents): Promise<Connection | Failure> => connectTo({ host, intent }, events);
    const lane = lanes.get(key) ?? new Lane({ host, intent, limits, log, connect });
    lanes.set(key, lane);
    return lane;
  }

  async function connectTo({ host, intent }: Target, events: ConnectionEvents): Promise<Connection | Failure> {
    const startedAt = performance.now();
    const endpoint = await routeTo(host, resolve);
    if (hasFailed(endpoint)) return endpoint;
    const { user } = endpoint[intent];
    const key = privateKeyOf(host, intent, endpoint[intent]);
    if (hasFailed(key)) return key;
    const loggedIn = await logIn({
      place: { host, address: endpoint.address, port: endpoint.port, user, keyFingerprint: fingerprintOf(key.getPublicSSH()) },
      key,
      hostKeys: endpoint.hostKeys,
      limits,
      openStream: () => streamTo(endpoint, intent),
    });
    if (hasFailed(loggedIn)) return loggedIn;
    log({ event: 'connected', host, intent, user, tookMs: performance.now() - startedAt });
    return new Connection({ host, intent, limits }, loggedIn, events);
  }

  async function streamTo({ address, port, jump }: SshEndpoint, intent: Intent): Promise<Duplex | Failure> {
    // Without noDelay, back-to-back commands wait about 40 ms each for the far side's delayed acknowledgement.
    if (jump === undefined) return connectTcp({ host: address, port, noDelay: true });
    return laneOf(jump, intent).tunnel(address, port);
  }

  return {
    read: (command) => laneOf(command.host, 'read').run(command),
    change: (command) => laneOf(command.host, 'change').run(command),
    close: async () => {
      await Promise.all([...lanes.values()].map((lane) => lane.close()));
    },
  };
}

interface Target {
  readonly host: string;
  readonly intent: Intent;
}
