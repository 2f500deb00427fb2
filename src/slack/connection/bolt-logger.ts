import { format } from 'node:util';
import type { Logger } from '@slack/bolt';
import { LogLevel } from '@slack/bolt';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';

/** Bolt's messages in our log, without secrets. Its debug messages hold whole requests, so they are dropped. */
export function boltLogger(log: Log): Logger {
  const text = (message: unknown[]) => safeMessage(format(...message));
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...message) => log.warn({ from: 'slack' }, text(message)),
    error: (...message) => log.error({ from: 'slack' }, text(message)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
