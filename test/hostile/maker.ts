import type { Change, Read } from '../../src/core/command.ts';

/** Makes a command with this text as one of its parameters. */
export type Maker = (text: string) => Read<unknown> | Change;
