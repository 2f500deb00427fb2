#!/usr/bin/env node
import { runbooks } from '../runbooks/index.ts';
import { EXIT } from './cli/exit-code.ts';
import { main } from './cli/main.ts';
import { systemTerminal } from './cli/terminal.ts';
import { cleanText } from './redaction/index.ts';

// Node would print all that a library keeps in its error, and end with 1, which says that the cluster is ill.
process.once('uncaughtException', ({ message }) => {
  systemTerminal().note(`A fault of storagebot itself: ${cleanText(message)}\n`);
  process.exit(EXIT.fault);
});

process.exitCode = await main(process.argv.slice(2), { terminal: systemTerminal(), runbooks, env: process.env });
